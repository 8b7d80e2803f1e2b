using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Protocol.Data;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>A tunnel of the userspace data plane: where its data leave, and who may send to it.</summary>
public sealed class UserspaceTunnel(TunnelKey key, TunnelParameters parameters, DataCarrier carrier, TunnelOutput output)
{
    public DataCounters Counters;

    public TunnelKey Key => key;

    public TunnelParameters Parameters => parameters;

    public DataCarrier Carrier => carrier;

    public TunnelOutput Output => output;

    /// <summary>The path MTU at the time when the tunnel was made, octets.</summary>
    public required int PathMtu { get; init; }

    /// <summary>Whether the socket belongs to this tunnel alone.</summary>
    public required bool HasOwnSocket { get; init; }

    public HashSet<UserspaceSession> Sessions { get; } = [];

    /// <summary>Whether the source is the tunnel's peer: data are accepted from this address, port and mark only.</summary>
    public bool IsFrom(in Endpoint source) =>
        source.Address == parameters.Path.Remote.Address && source.IsIPv6 == parameters.Path.Remote.IsIPv6
        && source.Carrier == carrier && source.Port == parameters.Path.Remote.Port
        && source.Mark == parameters.Path.Remote.Mark;
}
