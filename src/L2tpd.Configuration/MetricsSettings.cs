using System.Collections.Immutable;
using System.Net;

namespace L2tpd.Configuration;

/// <summary>Metrics over TCP; those of the control socket need no setting.</summary>
public sealed record MetricsSettings
{
    /// <summary>Address and port; <c>null</c>: not over TCP.</summary>
    public IPEndPoint? Listen { get; init; }

    /// <summary>Sources that are served; empty: this machine, and <see cref="Listen"/> is a loopback address.</summary>
    public ImmutableArray<IPNetwork> ReachableFrom { get; init; } = [];

    /// <summary>Whether both say the same.</summary>
    public bool Equals(MetricsSettings? other) =>
        other is not null && Equals(Listen, other.Listen) && ReachableFrom.SequenceEqual(other.ReachableFrom);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Listen, ReachableFrom.Length);
}
