using L2tpd.Protocol.Digests;

namespace L2tpd.Bench;

/// <summary>What the bare responder speaks, as an argument of its command line.</summary>
internal static class BareDialect
{
    public const string V2 = "v2";
    public const string V3 = "v3";

    /// <summary>The secret of all workloads.</summary>
    public const string Secret = "test";

    public static string Of(DigestType? digest) => digest is { } type ? $"{V3}-{type}" : V3;

    /// <summary>How the answers of a dialect of L2TPv3 are signed; <c>null</c> for no digest.</summary>
    public static DigestType? DigestOf(string dialect) => dialect == V3 ? null : Enum.Parse<DigestType>(dialect[(V3.Length + 1)..]);
}
