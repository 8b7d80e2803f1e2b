using System.Buffers.Binary;
using System.Net;

namespace L2tpd.TestKit;

/// <summary>
/// A subscriber behind a <see cref="ScriptedLac"/>, with PAP and IPv6 (RFC 5072), and free to do what no honest one does.
/// </summary>
internal sealed class ScriptedSubscriber(ScriptedLac lac) : ScriptedPpp(lac, "the subscriber")
{
    private byte _lcpId;

    /// <summary>The LNS refused our user name and password.</summary>
    public bool IsRefused { get; private set; }

    public bool HasIpv6 { get; private set; }

    /// <summary>fe80:: and our interface identifier.</summary>
    public IPAddress LinkLocal { get; } = IPAddress.Parse("fe80::1234:5678:9abc:def0");

    /// <summary>Configure-Requests of LCP that came: each is a negotiation from its beginning.</summary>
    public int Negotiations { get; private set; }

    /// <summary>Answers to our echo requests that came.</summary>
    public int Answers { get; private set; }

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
        (OwnTaken, TheirsTaken) = (false, TheirsTaken && Negotiations == 1 && !HasIpv4);
        (IsAuthenticated, HasIpv4, HasIpv6) = (false, false, false);
        _lcpId = Ask(Lcp, Request, [5, 6, .. Magic]);
    }

    public void Authenticate(string user, string password) => AskForPap(user, password);

    public void StartNetworks(bool ipv6)
    {
        (HasIpv4, HasIpv6) = (false, false);
        Ask(Ipcp, Request, [3, 6, .. Address.GetAddressBytes()]);
        if (ipv6)
            Ask(Ipv6cp, Request, [1, 10, .. LinkLocal.GetAddressBytes()[8..]]);
    }

    /// <summary>Sends an ICMP echo request of either family, whoever it says it is from.</summary>
    public void SendEcho(IPAddress source, IPAddress destination) => SendFrame(
        source.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork
            ? [0, Ipv4, .. Echo(source, destination)]
            : [0, Ipv6, .. EchoOf6(source.GetAddressBytes(), destination.GetAddressBytes())]);

    protected override void Take(byte[] frame)
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
                TheirsTaken = true;
                Send(Lcp, Ack, id, data);
                break;
            case (Lcp, Ack) when id == _lcpId:
                OwnTaken = true;
                break;
            case (Lcp, EchoRequest):
                Send(Lcp, EchoReply, id, Magic.ToArray());
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
                Ask(Ipcp, Request, data);
                break;
            case (Ipcp, Ack):
                HasIpv4 = true;
                break;
            case (Ipv6cp, Ack):
                HasIpv6 = true;
                break;
        }
    }

    private static bool IsAnswer(ReadOnlySpan<byte> packet, int protocol) =>
        protocol == Ipv4 ? packet.Length > 20 && packet[9] == 1 && packet[20] == 0 : packet.Length > 40 && packet[6] == 58
            && packet[40] == 129;

    private static byte[] EchoOf6(byte[] source, byte[] destination)
    {
        byte[] echo = [128, 0, 0, 0, 0x12, 0x34, 0, 1];
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), Sum([.. source, .. destination, 0, 0, 0, 8, 0, 0, 0, 58, .. echo]));
        return [0x60, 0, 0, 0, 0, 8, 58, 64, .. source, .. destination, .. echo];
    }
}
