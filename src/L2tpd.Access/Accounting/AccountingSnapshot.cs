using System.Text.Json.Serialization;
using L2tpd.Ppp;

namespace L2tpd.Access;

/// <summary>
/// The accounting of one session, for another process to continue: the same Acct-Session-Id, Class and counts, no second Start. Times are
/// milliseconds that have passed or are left, since clocks differ between processes.
/// </summary>
/// <param name="Session">The attributes that all records repeat.</param>
public sealed record AccountingSnapshot(SessionAttributes Session)
{
    /// <summary>The Start record, with the addresses that changed since; <c>null</c> if none was sent.</summary>
    public AccountingRecord? Start { get; init; }

    /// <summary>Time since Start.</summary>
    public long Elapsed { get; init; }

    /// <summary>What the data plane had counted before this accounting began.</summary>
    public SessionCounters Before { get; init; }

    /// <summary>Time between Interims; 0: none.</summary>
    public long Interval { get; init; }

    /// <summary>Time to the next Interim; <c>null</c>: none is due.</summary>
    public long? InterimLeft { get; init; }

    /// <summary>Stop was sent.</summary>
    public bool IsStopped { get; init; }
}

/// <summary>JSON of the snapshots; generated, so that it works in a native binary.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters = [typeof(Ipv4AddressConverter), typeof(IPAddressConverter), typeof(IPNetworkConverter)])]
[JsonSerializable(typeof(AccountingSnapshot))]
public sealed partial class AccessJson : JsonSerializerContext;
