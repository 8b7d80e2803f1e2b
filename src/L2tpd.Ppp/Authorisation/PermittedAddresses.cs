using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace L2tpd.Ppp;

/// <summary>
/// The IPv4 addresses that a line of a secrets file permits, as pppd reads them (pppd(8), AUTHENTICATION): addresses, prefixes such as
/// <c>10.0.0.0/24</c>, <c>*</c> for any, a leading <c>!</c> to forbid. The first entry that matches decides; without a match an address is
/// forbidden. <c>-</c> ends the list. Host names are not resolved and match nothing.
/// </summary>
public sealed class PermittedAddresses
{
    private readonly ImmutableArray<Rule> _rules;

    private PermittedAddresses(ImmutableArray<Rule> rules) => _rules = rules;

    /// <summary>Every address.</summary>
    public static PermittedAddresses All { get; } = new([new Rule(true, 0, 0)]);

    /// <summary>No address.</summary>
    public static PermittedAddresses None { get; } = new([]);

    /// <summary>True when there is no address it permits.</summary>
    public bool IsNone => _rules.All(static rule => !rule.Permit);

    /// <summary>
    /// The first single address that is permitted: the one to assign; <c>null</c> if there is none. It need not be valid for a host.
    /// </summary>
    public Ipv4Address? Single => _rules.FirstOrDefault(static rule => rule is { Permit: true, Mask: uint.MaxValue }) is { Mask: > 0 } rule
        ? new Ipv4Address(rule.Network) : null;

    /// <summary>The words that <see cref="Of"/> reads as this.</summary>
    public IEnumerable<string> Words => _rules.Select(static rule =>
        (rule.Permit ? "" : "!") + (rule.Mask == 0 ? "*" : string.Create(
            CultureInfo.InvariantCulture, $"{new Ipv4Address(rule.Network)}/{BitOperations.PopCount(rule.Mask)}")));

    /// <summary>Reads the words of a line.</summary>
    public static PermittedAddresses Of(IEnumerable<string> words)
    {
        var rules = ImmutableArray.CreateBuilder<Rule>();
        foreach (var word in words.TakeWhile(static word => word != "-"))
        {
            var permit = !word.StartsWith('!');
            if (TryRead(permit ? word : word[1..], out var network, out var mask))
                rules.Add(new Rule(permit, network, mask));
        }

        return new PermittedAddresses(rules.ToImmutable());
    }

    /// <summary>Whether the peer may have the address.</summary>
    public bool Permits(Ipv4Address address)
    {
        foreach (var rule in _rules)
        {
            if ((address.Value & rule.Mask) == rule.Network)
                return rule.Permit;
        }

        return false;
    }

    private static bool TryRead(string word, out uint network, out uint mask)
    {
        (network, mask) = (0, 0);
        if (word == "*")
            return true;

        var slash = word.IndexOf('/', StringComparison.Ordinal);
        var length = 32;
        if (slash >= 0
            && (!int.TryParse(word.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length)
                || length is < 1 or > 32))
        {
            return false;
        }

        if (!Ipv4Address.TryParse(slash < 0 ? word : word.AsSpan(0, slash), out var address))
            return false;

        mask = uint.MaxValue << (32 - length);
        network = address.Value & mask;
        return true;
    }

    private readonly record struct Rule(bool Permit, uint Network, uint Mask);
}
