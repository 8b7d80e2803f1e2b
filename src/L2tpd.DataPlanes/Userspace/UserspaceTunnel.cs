using L2tpd.Engine.Addressing;
using L2tpd.Engine.Effects;
using L2tpd.Protocol.Data;

namespace L2tpd.DataPlanes.Userspace;

/// <summary>A tunnel of the userspace data plane: where its data leave and who may send to it.</summary>
public sealed class UserspaceTunnel(TunnelKey key, TunnelParameters parameters, DataCarrier carrier, TunnelOutput output)
{
    public DataCounters Counters;

    public TunnelKey Key => key;

    public TunnelParameters Parameters => parameters;

    public DataCarrier Carrier => carrier;

    public TunnelOutput Output => output;

    /// <summary>As routing said when the tunnel was made, octets.</summary>
    public required int PathMtu { get; init; }

    /// <summary>The socket is this tunnel's alone.</summary>
    public required bool HasOwnSocket { get; init; }

    public HashSet<UserspaceSession> Sessions { get; } = [];

    /// <summary>Data are taken from this address and port only.</summary>
    public bool IsFrom(in Endpoint source) =>
        source.Address == parameters.Path.Remote.Address && source.IsIPv6 == parameters.Path.Remote.IsIPv6
        && source.Carrier == carrier && source.Port == parameters.Path.Remote.Port;
}
