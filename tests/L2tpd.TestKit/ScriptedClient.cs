using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using L2tpd.Ppp.Cryptography;

namespace L2tpd.TestKit;

/// <summary>
/// The PPP of a client of some operating system behind a <see cref="ScriptedLac"/>, octet by octet: it asks for what its
/// <see cref="ClientManner"/> says, drops what is rejected and takes what is suggested (RFC 1661 section 4.3). Only the cryptography of
/// MS-CHAPv2 is the product's.
/// </summary>
internal sealed class ScriptedClient(ScriptedLac lac, ClientManner manner, string user, string password)
{
    private const int Lcp = 0xc021, Pap = 0xc023, Chap = 0xc223, Ipcp = 0x8021, Ipv4 = 0x21;
    private const byte Request = 1, Ack = 2, Nak = 3, Reject = 4, TerminateRequest = 5, ProtocolReject = 8, EchoRequest = 9, EchoReply = 10;
    private const byte Authentication = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] Magic = [0x0a, 0x0b, 0x0c, 0x0d];

    private readonly List<byte[]> _lcp = [[5, 6, .. Magic], .. manner.Lcp];
    private readonly List<byte[]> _ipcp = [.. manner.Ipcp];
    private byte[] _authentication = [];
    private byte _id;
    private byte _lcpId;
    private byte _ipcpId;
    private bool _ownTaken;
    private bool _theirsTaken;

    public IPAddress Address { get; private set; } = IPAddress.Any;

    /// <summary>The name servers that IPCP gave, by the number of the option.</summary>
    public Dictionary<int, IPAddress> NameServers { get; } = [];

    /// <summary>Options of LCP and IPCP that were rejected: protocol and number.</summary>
    public List<(int Protocol, int Option)> Rejected { get; } = [];

    /// <summary>Protocols that were rejected as a whole.</summary>
    public List<int> RejectedProtocols { get; } = [];

    /// <summary>Octets of the longest IP packet that came.</summary>
    public int LongestPacket { get; private set; }

    /// <summary>IP packets that came.</summary>
    public List<byte[]> Packets { get; } = [];

    /// <summary>Answers to our echo requests of LCP, and echo requests of the LNS that we answered.</summary>
    public (int Answers, int Requests) Echoes { get; private set; }

    /// <summary>The MRU that the LNS asked for.</summary>
    public int PeerMru { get; private set; } = 1500;

    public bool IsLinkUp => _ownTaken && _theirsTaken;

    public bool IsAuthenticated { get; private set; }

    public bool HasIpv4 { get; private set; }

    public bool IsTerminated { get; private set; }

    /// <summary>LCP, authentication, IPCP; the other protocols of the client are tried beside.</summary>
    public void ComeUp()
    {
        SendLcp();
        Wait(() => IsLinkUp, "LCP");
        foreach (var (code, data) in manner.Greetings)
            Send(Lcp, code, ++_id, data);
        if (_authentication.AsSpan(0, 2).SequenceEqual(new byte[] { 0xc0, 0x23 }))
            SendPap();
        Wait(() => IsAuthenticated, "the verdict");
        foreach (var (protocol, options) in manner.Others)
            Send(protocol, Request, ++_id, options);
        SendIpcp();
        Wait(() => HasIpv4, "IPCP");
    }

    public void SendLcpEcho() => Send(Lcp, EchoRequest, ++_id, Magic);

    /// <summary>Sends an ICMP echo request.</summary>
    public void SendEcho(IPAddress destination)
    {
        byte[] echo = [8, 0, 0, 0, 0x12, 0x34, 0, 1];
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), Sum(echo));
        SendPacket(1, destination, echo);
    }

    /// <summary>Sends a UDP datagram without a checksum.</summary>
    public void SendDatagram(ushort from, IPAddress destination, ushort to, byte[] payload) => SendPacket(17, destination,
        [(byte)(from >> 8), (byte)from, (byte)(to >> 8), (byte)to, (byte)((8 + payload.Length) >> 8), (byte)(8 + payload.Length), 0, 0,
            .. payload]);

    /// <summary>Takes and answers what comes until the condition holds, for 20 s at most.</summary>
    public void Wait(Func<bool> condition, string what) =>
        Assert.True(Run(condition, Patience), $"{manner.Name} waits for {what}; rejected: {string.Join(' ', Rejected)}");

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

    private void SendPacket(byte protocol, IPAddress destination, byte[] payload)
    {
        byte[] packet = [0x45, 0, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, .. Address.GetAddressBytes(), .. destination.GetAddressBytes(),
            .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Sum(packet.AsSpan(0, 20)));
        lac.SendFrame([0, Ipv4, .. packet]);
    }

    private void SendLcp() => Send(Lcp, Request, _lcpId = ++_id, [.. _lcp.SelectMany(static option => option)]);

    private void SendIpcp() => Send(Ipcp, Request, _ipcpId = ++_id, [.. _ipcp.SelectMany(static option => option)]);

    private void SendPap()
    {
        byte[] name = Encoding.UTF8.GetBytes(user), secret = Encoding.UTF8.GetBytes(password);
        Send(Pap, Request, ++_id, [(byte)name.Length, .. name, (byte)secret.Length, .. secret]);
    }

    private void Take(byte[] frame)
    {
        // Compressed where we have offered it.
        var isShort = (frame[0] & 1) == 1;
        int protocol = isShort ? frame[0] : BinaryPrimitives.ReadUInt16BigEndian(frame);
        var body = frame[(isShort ? 1 : 2)..];
        if (protocol == Ipv4)
        {
            Packets.Add(body);
            LongestPacket = Math.Max(LongestPacket, body.Length);
            return;
        }

        var data = body[4..BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(2))];
        switch (protocol)
        {
            case Lcp:
                TakeLcp(body[0], body[1], data);
                break;
            case Pap:
                IsAuthenticated |= body[0] == Ack;
                break;
            case Chap:
                TakeChap(body[0], body[1], data);
                break;
            case Ipcp:
                TakeIpcp(body[0], body[1], data);
                break;
        }
    }

    private void TakeLcp(byte code, byte id, byte[] data)
    {
        switch (code)
        {
            case Request:
                TakeLcpRequest(id, data);
                break;
            case Ack when id == _lcpId:
                _ownTaken = true;
                break;
            case Nak or Reject when id == _lcpId:
                Change(Lcp, _lcp, code, data);
                SendLcp();
                break;
            case ProtocolReject:
                RejectedProtocols.Add(BinaryPrimitives.ReadUInt16BigEndian(data));
                break;
            case EchoRequest:
                Echoes = (Echoes.Answers, Echoes.Requests + 1);
                Send(Lcp, EchoReply, id, [.. Magic, .. data[4..]]);
                break;
            case EchoReply:
                Echoes = (Echoes.Answers + 1, Echoes.Requests);
                break;
            case TerminateRequest:
                IsTerminated = true;
                break;
        }
    }

    private void TakeLcpRequest(byte id, byte[] data)
    {
        foreach (var option in Options(data))
        {
            if (option[0] == 1)
                PeerMru = BinaryPrimitives.ReadUInt16BigEndian(option.AsSpan(2));
            if (option[0] != Authentication)
                continue;
            _authentication = option[2..];
            if (!manner.Authentication.Any(known => known.AsSpan().SequenceEqual(_authentication)))
            {
                var best = manner.Authentication[0];
                Send(Lcp, Nak, id, [Authentication, (byte)(2 + best.Length), .. best]);
                return;
            }
        }

        _theirsTaken = true;
        Send(Lcp, Ack, id, data);
    }

    private void TakeChap(byte code, byte id, byte[] data)
    {
        if (code == 3)
            IsAuthenticated = true;
        if (code != Request)
            return;
        var challenge = data[1..(1 + data[0])];
        var name = Encoding.UTF8.GetBytes(user);
        byte[] value;
        if (_authentication is [.., 0x81])
        {
            var ours = RandomNumberGenerator.GetBytes(16);
            var response = new byte[24];
            MsChapV2.NtResponse(challenge, ours, name, Encoding.UTF8.GetBytes(password), response);
            value = [.. ours, .. new byte[8], .. response, 0];
        }
        else
        {
            value = MD5.HashData([id, .. Encoding.UTF8.GetBytes(password), .. challenge]);
        }

        Send(Chap, 2, id, [(byte)value.Length, .. value, .. name]);
    }

    private void TakeIpcp(byte code, byte id, byte[] data)
    {
        switch (code)
        {
            case Request:
                Send(Ipcp, Ack, id, data);
                break;
            case Nak or Reject when id == _ipcpId:
                Change(Ipcp, _ipcp, code, data);
                SendIpcp();
                break;
            case Ack when id == _ipcpId:
                HasIpv4 = true;
                foreach (var option in _ipcp.Where(static option => option.Length == 6))
                {
                    if (option[0] == 3)
                        Address = new IPAddress(option.AsSpan(2));
                    else if (option[0] >= 129)
                        NameServers[option[0]] = new IPAddress(option.AsSpan(2));
                }

                break;
        }
    }

    /// <summary>Drops options that were rejected, and takes values that were suggested.</summary>
    private void Change(int protocol, List<byte[]> own, byte code, byte[] data)
    {
        foreach (var option in Options(data))
        {
            var at = own.FindIndex(one => one[0] == option[0]);
            if (at < 0)
                continue;
            if (code == Nak)
            {
                own[at] = option;
                continue;
            }

            own.RemoveAt(at);
            Rejected.Add((protocol, option[0]));
        }
    }

    private static List<byte[]> Options(byte[] data)
    {
        var options = new List<byte[]>();
        for (var at = 0; at < data.Length; at += data[at + 1])
            options.Add(data[at..(at + data[at + 1])]);
        return options;
    }

    private void Send(int protocol, byte code, byte id, byte[] data) =>
        lac.SendFrame([(byte)(protocol >> 8), (byte)protocol, code, id, 0, (byte)(4 + data.Length), .. data]);

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
