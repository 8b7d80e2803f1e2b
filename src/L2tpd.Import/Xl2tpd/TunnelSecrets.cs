using System.Collections.Immutable;

namespace L2tpd.Import.Xl2tpd;

/// <summary>A line of l2tp-secrets.</summary>
/// <param name="Us">Our host name, or <c>*</c>.</param>
/// <param name="Them">The peer's host name, or <c>*</c>.</param>
/// <param name="Secret">The secret; never print it.</param>
internal sealed record TunnelSecret(string Us, string Them, string Secret)
{
    /// <summary>Never shows the secret.</summary>
    public override string ToString() => $"TunnelSecret {{ Us = {Us}, Them = {Them} }}";
}

/// <summary>xl2tpd's l2tp-secrets (l2tp-secrets(5)): us, them, secret; the first line that fits counts.</summary>
internal static class TunnelSecrets
{
    public static ImmutableArray<TunnelSecret> Read(string text)
    {
        var secrets = ImmutableArray.CreateBuilder<TunnelSecret>();
        foreach (var line in text.Split('\n'))
        {
            var comment = line.AsSpan().IndexOfAny('#', ';');
            var words = (comment < 0 ? line : line[..comment]).Split(
                (char[])[' ', '\t', '\r'], 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            // The secret is the rest of the line: xl2tpd takes blanks in it.
            if (words.Length == 3)
                secrets.Add(new TunnelSecret(words[0], words[1], words[2]));
        }

        return secrets.DrainToImmutable();
    }

    /// <summary>
    /// The lines of our name in order, up to the first one for every peer: those that can count.
    /// </summary>
    public static ImmutableArray<TunnelSecret> Of(ImmutableArray<TunnelSecret> all, string us)
    {
        var fitting = all.Where(secret => secret.Us == "*" || string.Equals(secret.Us, us, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(static secret => secret.Them, StringComparer.OrdinalIgnoreCase).ToArray();
        var end = Array.FindIndex(fitting, static secret => secret.Them == "*");
        return [.. end < 0 ? fitting : fitting[..(end + 1)]];
    }
}
