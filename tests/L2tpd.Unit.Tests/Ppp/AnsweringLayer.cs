using L2tpd.Ppp;
using L2tpd.Ppp.Data;
using L2tpd.Ppp.Wire;

namespace L2tpd.Unit.Tests.Ppp;

/// <summary>
/// A layer on top of IPv6: claims control packets and answers each router solicitation by a router advertisement without options.
/// </summary>
internal sealed class AnsweringLayer(PppEndpoint link) : INetworkLayer
{
    /// <summary>A router solicitation (RFC 4861 section 4.1) from fe80::5 to ff02::2.</summary>
    internal const string Solicitation =
        "6000000000083aff" + "fe800000000000000000000000000005" + "ff020000000000000000000000000002" + "8500000000000000";

    /// <summary>The answer to all nodes; its checksum is not computed.</summary>
    internal const string Advertisement =
        "6000000000103aff" + "fe800000000000000000000000000001" + "ff020000000000000000000000000001" + "86000000400007080000000000000000";

    private const int Period = 600_000;

    public List<string> Heard { get; } = [];

    public PppProtocol Protocol => PppProtocol.Ipv6;

    public PppState State => PppState.Initial;

    public bool KeepsLink => false;

    public PppNetwork? Network => null;

    public long Deadline { get; private set; } = long.MaxValue;

    public void LinkUp(long now, IPppEffects effects) => Heard.Add("link up");

    public void LinkDown(long now, IPppEffects effects)
    {
        Heard.Add("link down");
        Deadline = long.MaxValue;
    }

    public void OnNetwork(PppNetwork network, bool isUp, long now, IPppEffects effects)
    {
        Heard.Add($"{network.GetType().Name} {(isUp ? "up" : "down")}");
        if (network is Ipv6Network)
            Deadline = isUp ? now + Period : long.MaxValue;
    }

    public bool Takes(PppProtocol protocol, ReadOnlySpan<byte> payload) =>
        protocol == PppProtocol.Ipv6 && Deadline < long.MaxValue && Ipv6Control.IsControl(payload) && payload[40] == 133;

    public void Receive(PppProtocol protocol, ReadOnlySpan<byte> payload, long now, IPppEffects effects) => Advertise(effects);

    public bool Carries(PppProtocol protocol) => false;

    public void Rejected(long now, IPppEffects effects) => Heard.Add("rejected");

    public void Expire(long now, IPppEffects effects)
    {
        if (now < Deadline)
            return;

        Deadline = now + Period;
        Advertise(effects);
    }

    public NetworkLayerSnapshot? Snapshot() => null;

    private void Advertise(IPppEffects effects) => link.SendPacket(PppProtocol.Ipv6, Convert.FromHexString(Advertisement), effects);

    internal sealed class Factory : INetworkLayerFactory
    {
        public List<AnsweringLayer> Made { get; } = [];

        public PppEndpoint? Link { get; private set; }

        public bool NeedsAddress(PppProfile profile) => false;

        public INetworkLayer? Create(PppEndpoint link)
        {
            Link = link;
            Made.Add(new AnsweringLayer(link));
            return Made[^1];
        }

        public INetworkLayer? Restore(PppEndpoint link, NetworkLayerSnapshot snapshot) => null;
    }
}
