using System.Buffers.Binary;
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
internal sealed class ScriptedClient(ScriptedLac lac, ClientManner manner, string user, string password) : ScriptedPpp(lac, manner.Name)
{
    private const byte Authentication = 3;

    private readonly List<byte[]> _lcp = [[5, 6, .. Magic], .. manner.Lcp];
    private readonly List<byte[]> _ipcp = [.. manner.Ipcp];
    private byte[] _authentication = [];
    private byte _lcpId;
    private byte _ipcpId;

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

    protected override string Excuse => $"; rejected: {string.Join(' ', Rejected)}";

    /// <summary>LCP, authentication, IPCP; the other protocols of the client are tried beside.</summary>
    public void ComeUp()
    {
        SendLcp();
        Wait(() => IsLinkUp, "LCP");
        foreach (var (code, data) in manner.Greetings)
            Ask(Lcp, code, data);
        if (_authentication.AsSpan(0, 2).SequenceEqual(new byte[] { 0xc0, 0x23 }))
            AskForPap(user, password);
        Wait(() => IsAuthenticated, "the verdict");
        foreach (var (protocol, options) in manner.Others)
            Ask(protocol, Request, options);
        SendIpcp();
        Wait(() => HasIpv4, "IPCP");
    }

    public void SendLcpEcho() => Ask(Lcp, EchoRequest, Magic.ToArray());

    /// <summary>Sends an ICMP echo request.</summary>
    public void SendEcho(IPAddress destination) => SendFrame([0, Ipv4, .. Echo(Address, destination)]);

    private void SendLcp() => _lcpId = Ask(Lcp, Request, [.. _lcp.SelectMany(static option => option)]);

    private void SendIpcp() => _ipcpId = Ask(Ipcp, Request, [.. _ipcp.SelectMany(static option => option)]);

    protected override void Take(byte[] frame)
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
                OwnTaken = true;
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

        TheirsTaken = true;
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
}
