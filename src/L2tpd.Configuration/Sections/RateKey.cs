using L2tpd.Access;
using L2tpd.Configuration.Yaml;
using L2tpd.Ppp;

namespace L2tpd.Configuration.Sections;

/// <summary><c>rate</c> of a PPP profile or of a user: <c>DOWN/UP</c>, one rate for both, or a mapping.</summary>
internal static class RateKey
{
    public static readonly SectionSchema Schema = new("rate", ["down", "up"]);

    private static readonly ScalarType<RateLimit> Rate = new("a rate in bit/s such as 10M", static text =>
        RateText.TryParse(text, out var rate)
            ? Parsed<RateLimit>.Of(new RateLimit(rate, 0))
            : Parsed<RateLimit>.Wrong($"`{text}` is not a rate; write bit/s, `512k`, `10M`, `1G` or `unlimited`"));

    private static readonly ScalarType<(RateLimit? ToPeer, RateLimit? FromPeer)> Pair = new("a rate such as 20M/5M", static text =>
        RateText.TryParsePair(text, out var toPeer, out var fromPeer)
            ? Parsed<(RateLimit?, RateLimit?)>.Of((toPeer, fromPeer))
            : Parsed<(RateLimit?, RateLimit?)>.Wrong(
                $"`{text}` is not a rate; write `DOWN/UP`, each in bit/s, `512k`, `10M`, `1G` or `unlimited`, or one for both"));

    /// <summary>The rates; <c>null</c> for a direction of which nothing is said.</summary>
    public static (RateLimit? ToPeer, RateLimit? FromPeer) Read(YamlMapping parent)
    {
        if (parent.Find("rate") is not { } value)
            return default;
        if (!value.IsMapping)
            return value.Read(default, Pair);
        var rates = value.AsMapping(Schema)!;
        return (rates.Get("down", null, Rate!), rates.Get("up", null, Rate!));
    }
}
