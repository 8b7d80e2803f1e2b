using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using L2tpd.Access;
using L2tpd.Configuration;
using L2tpd.Ipv6.Dhcp;
using L2tpd.Ppp;
using L2tpd.Runtime.Counters;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;
using PppProfile = L2tpd.Configuration.PppProfile;

namespace L2tpd.PppHosting.Prefixes;

/// <summary>
/// The IPv6 prefixes of the built-in PPP's subscribers: the pools of the configuration, what is in use, and three files in the state
/// directory: who had which prefix, our DHCPv6 identifier, and the secret of interface identifiers.
/// </summary>
/// <remarks>
/// Loop thread, but for writing: once per <see cref="BetweenWrites"/> at most, and only after a change, a list of the prefixes goes to a
/// worker. A crash loses what users got since then, and no more: prefixes that are in use then are given to the same users again if they
/// were written before.
/// </remarks>
public sealed partial class SubscriberPrefixes : IDisposable
{
    private const int SecretSize = 32;

    private static readonly TimeSpan BetweenWrites = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LastWrite = TimeSpan.FromSeconds(5);

    private readonly LoopTimers _timers;
    private readonly IInputSink _sink;
    private readonly FaultLog _faults;
    private readonly ILogger _log;
    private readonly StateFile _memory;
    private readonly StateFile _identity;
    private readonly StateFile _secret;
    private WorkQueue? _writer;
    private ImmutableArray<byte>? _serverId;
    private byte[]? _identifierSecret;
    private long _written;
    private bool _isWriting;
    private bool _isFailureTold;
    private bool _isDisposed;

    /// <summary>Takes over the pools, and reads who had which prefix.</summary>
    public SubscriberPrefixes(
        string stateDirectory, ImmutableArray<PrefixPoolSettings> pools, LoopTimers timers, IInputSink sink, FaultLog faults, ILogger log)
    {
        (_timers, _sink, _faults, _log) = (timers, sink, faults, log);
        _memory = new StateFile(stateDirectory, "prefixes");
        _identity = new StateFile(stateDirectory, "dhcpv6-duid");
        _secret = new StateFile(stateDirectory, "interface-identifier-secret", isSecret: true);
        Change(pools);
        if (pools.Length > 0)
            Remember();
        _written = Space.Version;
        timers.After(BetweenWrites, WriteIfChanged);
    }

    /// <summary>The prefixes in use, and the pools.</summary>
    public PrefixSpace Space { get; } = new();

    /// <summary>Seconds since 1970.</summary>
    internal static long Now => DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>Takes over changed pools. Prefixes in use stay with their sessions.</summary>
    public void Change(ImmutableArray<PrefixPoolSettings> pools) =>
        Space.Replace([.. pools.Select(static pool => new PrefixPool(pool.Name, pool.Prefix, pool.Length))]);

    /// <summary>Adds the use of the pools to the registry.</summary>
    public void Register(CounterRegistry registry) => registry.Add(
        new CounterFamily(
            "l2tpd_prefix_pool_prefixes", "prefixes",
            "IPv6 prefixes of a pool: in use, free but kept for their last users, and altogether.")
        {
            Kind = CounterKind.Gauge, Labels = ["pool", "state"], LastLabelValues = ["used", "remembered", "all"],
        },
        samples =>
        {
            foreach (var pool in Space.Pools)
            {
                samples.Add(pool.Used, pool.Name, "used");
                samples.Add(pool.Remembered, pool.Name, "remembered");
                samples.Add((long)UInt128.Min(pool.Size, long.MaxValue), pool.Name, "all");
            }
        });

    /// <summary>Whether sessions of a profile may get global IPv6.</summary>
    internal static bool IsUsedBy(PppProfile profile) => profile.IPv6Router;

    /// <summary>The pools that a profile names and no other does.</summary>
    internal IEnumerable<IPNetwork> PoolsOfOnly(PppProfile profile, IEnumerable<PppProfile> all)
    {
        var others = all.Where(other => other.Name != profile.Name).SelectMany(NamesOf).ToHashSet(StringComparer.Ordinal);
        return NamesOf(profile).Where(name => !others.Contains(name)).Select(Space.Find).OfType<PrefixPool>()
            .Select(static pool => pool.Aggregate).Distinct();
    }

    private static IEnumerable<string> NamesOf(PppProfile profile) =>
        new[] { profile.Ipv6Pools.Prefixes, profile.Ipv6Pools.Delegated, profile.Ipv6Pools.Addresses }.OfType<string>();

    /// <summary>DHCPv6 for the links of a profile, if its sessions may get global IPv6.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="options">Its name servers and search list.</param>
    internal IEnumerable<INetworkLayerFactory> LayersOf(PppProfile profile, DhcpSettings options) => !IsUsedBy(profile) ? []
        : [new DhcpLayerFactory(options with
        {
            ServerId = _serverId ??= LoadIdentity(),
            PreferredLifetime = (uint)profile.Dhcpv6.PreferredLifetime.TotalSeconds,
            ValidLifetime = (uint)profile.Dhcpv6.ValidLifetime.TotalSeconds,
            RapidCommit = profile.Dhcpv6.RapidCommit,
        })];

    /// <summary>
    /// The secret from which the interface identifiers of a profile's peers are made; empty if its sessions have no global IPv6.
    /// </summary>
    internal ReadOnlyMemory<byte> IdentifierSecretOf(PppProfile profile) =>
        IsUsedBy(profile) ? _identifierSecret ??= LoadSecret() : default;

    /// <summary>Writes what was not written yet. Idempotent.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (_writer is not null)
        {
            _writer.Complete(LastWrite);
            _writer.Dispose();
        }

        if (_written != Space.Version && Space.Pools.Count > 0 && _memory.Write(PrefixRecordFormat.Write(Space.Describe(Now))) is { } error)
            TellNotWritten(error);
    }

    private void Remember()
    {
        var lines = _memory.Read(out var error);
        if (error is not null)
            LogNotRead(_memory.Path, error);
        if (lines is null)
            return;
        var records = PrefixRecordFormat.Read(lines, out var damage);
        if (damage is not null)
            LogDamaged(_memory.Path, damage);
        var now = Now;
        // A time to come is that of a clock that was wrong.
        LogRemembered(Space.Restore(records.OrderBy(static record => record.ReleasedAt), now));
    }

    private void WriteIfChanged()
    {
        if (_isDisposed)
            return;
        _timers.After(BetweenWrites, WriteIfChanged);
        if (_isWriting || _written == Space.Version || Space.Pools.Count == 0)
            return;
        _writer ??= new WorkQueue("l2tpd-prefixes", error => _sink.Post(() => _faults.Add("writing prefixes", error)));
        _isWriting = true;
        _written = Space.Version;
        var records = Space.Describe(Now);
        _writer.Add(() =>
        {
            var error = _memory.Write(PrefixRecordFormat.Write(records));
            _sink.Post(() =>
            {
                _isWriting = false;
                if (error is not null)
                    TellNotWritten(error);
            });
        });
    }

    private ImmutableArray<byte> LoadIdentity()
    {
        var lines = _identity.Read(out var error);
        if (error is not null)
            LogNotRead(_identity.Path, error);
        if (lines is not null && Duid.Parse(string.Concat(lines)) is { } known)
            return [.. known];
        if (lines is not null)
            LogIdentityDamaged(_identity.Path);
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        var duid = Duid.FromRandom(random);
        if (error is null && _identity.Write([Duid.Format(duid).TrimEnd()]) is { } failure)
            LogIdentityNotKept(_identity.Path, failure);
        return [.. duid];
    }

    private byte[] LoadSecret()
    {
        var lines = _secret.Read(out var error);
        if (error is not null)
            LogNotRead(_secret.Path, error);
        var digits = lines is null ? "" : string.Concat(lines).Trim();
        if (digits.Length == 2 * SecretSize && digits.All(char.IsAsciiHexDigit))
            return Convert.FromHexString(digits);
        var secret = RandomNumberGenerator.GetBytes(SecretSize);
        if (error is null && _secret.Write([Convert.ToHexStringLower(secret)]) is { } failure)
            LogSecretNotKept(_secret.Path, failure);
        return secret;
    }

    private void TellNotWritten(string error)
    {
        if (!_isFailureTold)
            LogNotWritten(_memory.Path, error);
        _isFailureTold = true;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Prefix pools: {Count} users of an earlier run get their prefixes again")]
    private partial void LogRemembered(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot read {Path}: {Error}. It is treated as if it were empty")]
    private partial void LogNotRead(string path, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} is damaged: {Damage}. Users that are not in it may get other prefixes")]
    private partial void LogDamaged(string path, string damage);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot write {Path}: {Error}. After a restart users may get other prefixes. This is logged once")]
    private partial void LogNotWritten(string path, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Path} has no DHCPv6 identifier in hexadecimal digits: a new one is made. Subscribers with a lease of the former one rebind")]
    private partial void LogIdentityDamaged(string path);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot keep our DHCPv6 identifier in {Path}: {Error}. After a restart it is another one, and subscribers with a lease rebind")]
    private partial void LogIdentityNotKept(string path, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "Cannot keep the secret of interface identifiers in {Path}: {Error}. After a restart, users whose hosts ask for an identifier " +
        "get another one")]
    private partial void LogSecretNotKept(string path, string error);
}
