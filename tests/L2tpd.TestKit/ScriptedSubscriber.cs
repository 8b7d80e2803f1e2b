using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;

namespace L2tpd.TestKit;

/// <summary>
/// A subscriber behind a <see cref="ScriptedLac"/>: PPP written and read octet by octet (RFC 1661, 1332, 1334, 5072), with PAP, and free to
/// do what no honest one does. It answers whatever the LNS asks while it waits for something.
/// </summary>
internal sealed class ScriptedSubscriber(ScriptedLac lac)
{
    private const int Lcp = 0xc021, Pap = 0xc023, Ipcp = 0x8021, Ipv6cp = 0x8057, Ipv4 = 0x21, Ipv6 = 0x57;
    private const byte Request = 1, Ack = 2, Nak = 3, TerminateRequest = 5, TerminateAck = 6, EchoRequest = 9, EchoReply = 10;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] Magic = [5, 6, 0x0a, 0x0b, 0x0c, 0x0d];

    private byte _id;
    private bool _ownTaken;
    private bool _theirsTaken;

    /// <summary>The LNS took our user name and password.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>The LNS refused them.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>The LNS ended the link.</summary>
    public bool IsTerminated { get; private set; }

    public bool HasIpv4 { get; private set; }

    public bool HasIpv6 { get; private set; }

    /// <summary>What IPCP assigned.</summary>
    public IPAddress Address { get; private set; } = IPAddress.Any;

    /// <summary>fe80:: and our interface identifier.</summary>
    public IPAddress LinkLocal { get; } = IPAddress.Parse("fe80::1234:5678:9abc:def0");

    /// <summary>Configure-Requests of LCP that came: each is a negotiation from its beginning.</summary>
    public int Negotiations { get; private set; }

    /// <summary>Answers to our echo requests that came.</summary>
    public int Answers { get; private set; }

    /// <summary>LCP Opened.</summary>
    public bool IsLinkUp => _ownTaken && _theirsTaken;

    /// <summary>LCP, PAP, IPCP, and IPv6CP where it is asked for.</summary>
    public void ComeUp(string user, string password, bool ipv6 = false)
    {
        Wait(() => Negotiations > 0, "a Configure-Request");
        StartLcp();
        Wait(() => IsLinkUp, "LCP");
        Authenticate(user, password);
        Wait(() => IsAuthenticated, "the verdict");
        StartNetworks(ipv6);
        Wait(() => HasIpv4 && (HasIpv6 || !ipv6), "IP");
    }

    /// <summary>Asks for LCP from the beginning.</summary>
    public void StartLcp()
    {
        (_ownTaken, _theirsTaken) = (false, _theirsTaken && Negotiations == 1 && !HasIpv4);
        (IsAuthenticated, HasIpv4, HasIpv6) = (false, false, false);
        Send(Lcp, Request, ++_id, Magic);
    }

    public void Authenticate(string user, string password)
    {
        byte[] name = System.Text.Encoding.UTF8.GetBytes(user), secret = System.Text.Encoding.UTF8.GetBytes(password);
        Send(Pap, Request, ++_id, [(byte)name.Length, .. name, (byte)secret.Length, .. secret]);
    }

    public void StartNetworks(bool ipv6)
    {
        (HasIpv4, HasIpv6) = (false, false);
        Send(Ipcp, Request, ++_id, [3, 6, .. Address.GetAddressBytes()]);
        if (ipv6)
            Send(Ipv6cp, Request, ++_id, [1, 10, .. LinkLocal.GetAddressBytes()[8..]]);
    }

    /// <summary>Sends an ICMP echo request of either family, whoever it says it is from.</summary>
    public void SendEcho(IPAddress source, IPAddress destination) => lac.SendFrame(
        source.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            ? [0, Ipv4, .. EchoOf4(source.GetAddressBytes(), destination.GetAddressBytes())]
            : [0, Ipv6, .. EchoOf6(source.GetAddressBytes(), destination.GetAddressBytes())]);

    /// <summary>Sends a UDP datagram over IPv4 from our address, without a checksum.</summary>
    public void SendDatagram(IPAddress destination, int port, byte[] payload)
    {
        byte[] packet = [0x45, 0, 0, (byte)(28 + payload.Length), 0, 0, 0, 0, 64, 17, 0, 0, .. Address.GetAddressBytes(),
            .. destination.GetAddressBytes(),
            0x30, 0x39, (byte)(port >> 8), (byte)port, 0, (byte)(8 + payload.Length), 0, 0, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Sum(packet.AsSpan(0, 20)));
        lac.SendFrame([0, Ipv4, .. packet]);
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

    private void Wait(Func<bool> condition, string what) => Assert.True(Run(condition, Patience), $"the subscriber waits for {what}");

    private void Take(byte[] frame)
    {
        var protocol = BinaryPrimitives.ReadUInt16BigEndian(frame);
        if (protocol is Ipv4 or Ipv6)
        {
            Answers += IsAnswer(frame.AsSpan(2), protocol) ? 1 : 0;
            return;
        }

        var (code, id, data) = (frame[2], frame[3], frame[6..]);
        switch (protocol, code)
        {
            case (Lcp, Request):
                Negotiations++;
                _theirsTaken = true;
                Send(Lcp, Ack, id, data);
                break;
            case (Lcp, Ack) when id == _id:
                _ownTaken = true;
                break;
            case (Lcp, EchoRequest):
                Send(Lcp, EchoReply, id, Magic[2..]);
                break;
            case (Lcp, TerminateRequest):
                IsTerminated = true;
                Send(Lcp, TerminateAck, id, []);
                break;
            case (Pap, Ack):
                IsAuthenticated = true;
                break;
            case (Pap, Nak):
                IsRefused = true;
                break;
            case (Ipcp or Ipv6cp, Request):
                Send(protocol, Ack, id, data);
                break;
            case (Ipcp, Nak):
                Address = new IPAddress(data.AsSpan(2, 4));
                Send(Ipcp, Request, ++_id, data);
                break;
            case (Ipcp, Ack):
                HasIpv4 = true;
                break;
            case (Ipv6cp, Ack):
                HasIpv6 = true;
                break;
        }
    }

    private void Send(int protocol, byte code, byte id, byte[] data) =>
        lac.SendFrame([(byte)(protocol >> 8), (byte)protocol, code, id, 0, (byte)(4 + data.Length), .. data]);

    private static bool IsAnswer(ReadOnlySpan<byte> packet, int protocol) =>
        protocol == Ipv4 ? packet.Length > 20 && packet[9] == 1 && packet[20] == 0 : packet.Length > 40 && packet[6] == 58
            && packet[40] == 129;

    private static byte[] EchoOf4(byte[] source, byte[] destination)
    {
        byte[] packet = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, .. source, .. destination, 8, 0, 0, 0, 0x12, 0x34, 0, 1];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Sum(packet.AsSpan(0, 20)));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), Sum(packet.AsSpan(20)));
        return packet;
    }

    private static byte[] EchoOf6(byte[] source, byte[] destination)
    {
        byte[] echo = [128, 0, 0, 0, 0x12, 0x34, 0, 1];
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), Sum([.. source, .. destination, 0, 0, 0, 8, 0, 0, 0, 58, .. echo]));
        return [0x60, 0, 0, 0, 0, 8, 58, 64, .. source, .. destination, .. echo];
    }

    private static ushort Sum(ReadOnlySpan<byte> octets)
    {
        var sum = 0;
        for (var i = 0; i < octets.Length; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(octets[i..]);
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
