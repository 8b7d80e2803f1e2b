using L2tpd.Engine.Configuration;

namespace L2tpd.Bench;

/// <summary>What is set up, and by which rules on both sides.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Tunnels">How many tunnels.</param>
/// <param name="Sessions">How many sessions in each.</param>
/// <param name="Rules">The generator's rules towards the server.</param>
/// <param name="Peer">The daemon's rules towards the generator: YAML, in braces.</param>
internal sealed record Workload(string Name, int Tunnels, int Sessions, PeerProfile Rules, string Peer)
{
    /// <summary>Tunnels set up at one time.</summary>
    public int TunnelsAtOnce { get; init; } = 64;

    /// <summary>What the bare responder must speak to take part: one of <see cref="BareDialect"/>.</summary>
    public string Dialect { get; init; } = BareDialect.V2;

    /// <summary>L2TPv3: the Remote End ID of all sessions; <c>null</c> for one of its own for each session of a tunnel.</summary>
    public string? EndId { get; init; }

    /// <summary>Sessions; where there are none, tunnels.</summary>
    public int Objects => Math.Max(Tunnels * Sessions, Tunnels);

    /// <summary>L2TPv2, tunnels authenticated by challenge and response both ways.</summary>
    public static Workload V2(string name, int tunnels, int sessions) =>
        new(name, tunnels, sessions, new PeerProfile { Name = "server", Secret = "test"u8.ToArray() }, "{ secret: test, challenge: true }");

    /// <summary>L2TPv3 with Ethernet pseudowires.</summary>
    /// <param name="name">For the table.</param>
    /// <param name="tunnels">How many control connections.</param>
    /// <param name="sessions">How many sessions in each.</param>
    /// <param name="digest">Every control message is signed so; null: none is.</param>
    public static Workload V3(string name, int tunnels, int sessions, Protocol.Digests.DigestType? digest)
    {
        var rules = new PeerProfile { Name = "server", Protocol = ProtocolPreference.V3, Authentication = MessageAuthentication.Off };
        var work = digest is { } type
            ? new Workload(name, tunnels, sessions, rules
                with { Secret = "test"u8.ToArray(), Authentication = MessageAuthentication.Required, Digest = type },
                "{ secret: test, protocol: v3, authentication: required }")
            : new Workload(name, tunnels, sessions, rules, "{ protocol: v3, authentication: off }");
        return work with { Dialect = BareDialect.Of(digest) };
    }

    /// <summary>The same for the bare responder, which knows no authentication of tunnels: L2TPv2 without a secret.</summary>
    public Workload Open() => Dialect == BareDialect.V2 ? this with { Rules = Rules with { Secret = null } } : this;
}
