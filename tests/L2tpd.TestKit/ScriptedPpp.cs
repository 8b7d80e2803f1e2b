using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Text;

namespace L2tpd.TestKit;

/// <summary>
/// PPP behind a <see cref="ScriptedLac"/>, written and read octet by octet (RFC 1661, 1332, 1334), independent of the product's: what a
/// subscriber and a LAC with proxy AVPs do in the same way. It answers what the LNS asks while it waits for something.
/// </summary>
/// <param name="lac">Carries the frames.</param>
/// <param name="name">Whose PPP it is, for what a failed test says.</param>
internal abstract class ScriptedPpp(ScriptedLac lac, string name)
{
    protected const int Lcp = 0xc021, Pap = 0xc023, Chap = 0xc223, Ipcp = 0x8021, Ipv6cp = 0x8057, Ipv4 = 0x21, Ipv6 = 0x57;
    protected const byte Request = 1, Ack = 2, Nak = 3, Reject = 4, TerminateRequest = 5, TerminateAck = 6, ProtocolReject = 8,
        EchoRequest = 9, EchoReply = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private byte _id;

    /// <summary>LCP Opened.</summary>
    public bool IsLinkUp => OwnTaken && TheirsTaken;

    /// <summary>The LNS took our user name and password.</summary>
    public bool IsAuthenticated { get; protected set; }

    /// <summary>The LNS ended the link.</summary>
    public bool IsTerminated { get; protected set; }

    public bool HasIpv4 { get; protected set; }

    /// <summary>What IPCP assigned.</summary>
    public IPAddress Address { get; protected set; } = IPAddress.Any;

    protected static ReadOnlySpan<byte> Magic => [0x0a, 0x0b, 0x0c, 0x0d];

    /// <summary>Our Configure-Request of LCP was acknowledged.</summary>
    protected bool OwnTaken { get; set; }

    /// <summary>We have acknowledged the peer's.</summary>
    protected bool TheirsTaken { get; set; }

    /// <summary>Sends a UDP datagram over IPv4 from our address, without a checksum.</summary>
    public void SendDatagram(ushort from, IPAddress destination, ushort to, byte[] payload)
    {
        var length = 8 + payload.Length;
        lac.SendFrame([0, Ipv4, .. Packet(17, Address, destination,
            [(byte)(from >> 8), (byte)from, (byte)(to >> 8), (byte)to, (byte)(length >> 8), (byte)length, 0, 0, .. payload])]);
    }

    /// <summary>Takes and answers what comes until the condition holds.</summary>
    /// <returns>False: not in time.</returns>
    public bool Run(Func<bool> until, TimeSpan limit)
    {
        for (var watch = Stopwatch.StartNew(); !until();)
        {
            if (lac.TryNextFrame(TimeSpan.FromMilliseconds(20)) is { } frame)
                Take(Convert.FromHexString(frame));
            else if (watch.Elapsed > limit)
                return false;
        }

        return true;
    }

    /// <summary>Takes and answers what comes until the condition holds, for 20 s at most.</summary>
    public void Wait(Func<bool> condition, string what) => Assert.True(Run(condition, Patience), $"{name} waits for {what}{Excuse}");

    /// <summary>More for what a failed test says.</summary>
    protected virtual string Excuse => "";

    protected abstract void Take(byte[] frame);

    /// <summary>Sends a request with the next identifier, and returns that.</summary>
    protected byte Ask(int protocol, byte code, byte[] data)
    {
        Send(protocol, code, ++_id, data);
        return _id;
    }

    protected void AskForPap(string user, string password)
    {
        byte[] peer = Encoding.UTF8.GetBytes(user), secret = Encoding.UTF8.GetBytes(password);
        Ask(Pap, Request, [(byte)peer.Length, .. peer, (byte)secret.Length, .. secret]);
    }

    protected void Send(int protocol, byte code, byte id, byte[] data) =>
        lac.SendFrame([(byte)(protocol >> 8), (byte)protocol, code, id, 0, (byte)(4 + data.Length), .. data]);

    protected void SendFrame(byte[] frame) => lac.SendFrame(frame);

    /// <summary>An ICMP echo request over IPv4.</summary>
    protected static byte[] Echo(IPAddress source, IPAddress destination)
    {
        byte[] echo = [8, 0, 0, 0, 0x12, 0x34, 0, 1];
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), Sum(echo));
        return Packet(1, source, destination, echo);
    }

    /// <summary>The checksum of the Internet protocols (RFC 1071).</summary>
    protected static ushort Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0;
        for (var i = 0; i < octets.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    private static byte[] Packet(byte protocol, IPAddress source, IPAddress destination, byte[] payload)
    {
        byte[] packet = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, .. source.GetAddressBytes(), .. destination.GetAddressBytes(),
            .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Sum(packet.AsSpan(0, 20)));
        return packet;
    }
}
