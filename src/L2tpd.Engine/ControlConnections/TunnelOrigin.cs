using L2tpd.Engine.Configuration;
using L2tpd.Engine.Dialling;
using L2tpd.Engine.Snapshots;
using L2tpd.Engine.Statics;
using L2tpd.Protocol;

namespace L2tpd.Engine.ControlConnections;

/// <summary>How a control connection came about, and what is known because of that for all its life.</summary>
internal abstract class TunnelOrigin
{
    private TunnelOrigin()
    {
    }

    /// <summary>The configured tunnel that it serves; <c>null</c> if it serves none.</summary>
    public abstract DialledTunnel? Serves { get; }

    public abstract OriginSnapshot ToSnapshot();

    /// <summary>We sent the SCCRQ.</summary>
    /// <param name="dialled">The configured tunnel.</param>
    /// <param name="expectedPeer">Who is expected to answer, from what it said when it last did; <c>null</c> if that is not known.</param>
    /// <param name="wideId">The control connection id on offer beside the 16-bit id; 0 where one version is on offer.</param>
    internal sealed class Dialled(DialledTunnel dialled, PeerName? expectedPeer, TunnelId wideId) : TunnelOrigin
    {
        public override DialledTunnel Serves { get; } = dialled;

        public PeerName? ExpectedPeer { get; } = expectedPeer;

        public TunnelId WideId { get; } = wideId;

        /// <summary>The LNS, if a server named it; <c>null</c>: it is configured.</summary>
        public LnsCandidate? Candidate { get; init; }

        /// <summary>Other configured tunnels whose sessions are in this tunnel, by their Tunnel-Assignment-ID.</summary>
        public List<DialledTunnel> Guests { get; } = [];

        /// <summary>The StopCCN that ended the tunnel refused our SCCRQ and came from the address that we had dialled.</summary>
        public bool MayBeRedirected { get; set; }

        public override OriginSnapshot ToSnapshot() => new DialledSnapshot(
            Serves.Index, WideId,
            ExpectedPeer is { } name ? new PeerNameSnapshot(name.Carrier, name.RouterId, name.HostName) : null,
            MayBeRedirected);
    }

    /// <summary>The peer sent the SCCRQ.</summary>
    /// <param name="fingerprint">Of the SCCRQ: tells a retransmission from a peer that started again.</param>
    /// <param name="replaces">
    /// The same peer's earlier tunnel, which ends once this one is established; <c>null</c> if there is none.
    /// </param>
    internal sealed class Answered(ulong fingerprint, Tunnel? replaces) : TunnelOrigin
    {
        private DialledTunnel? _serves;

        public override DialledTunnel? Serves => _serves;

        public ulong Fingerprint { get; } = fingerprint;

        public Tunnel? Replaces { get; set; } = replaces;

        /// <summary>The tunnel won a tie with the attempt of a configured tunnel, and takes its place.</summary>
        public void ServeFor(DialledTunnel dialled) => _serves = dialled;

        public override OriginSnapshot ToSnapshot() => new AnsweredSnapshot(Fingerprint, Replaces?.Living?.Key, Serves?.Index);
    }

    /// <summary>Both ends were configured, and no control protocol is spoken.</summary>
    internal sealed class Static(StaticLine line) : TunnelOrigin
    {
        public override DialledTunnel? Serves => null;

        public StaticLine Line { get; } = line;

        public override OriginSnapshot ToSnapshot() => new StaticSnapshot(Line.Configuration.Name);
    }
}
