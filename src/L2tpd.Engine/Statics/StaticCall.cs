using L2tpd.Engine.Addressing;
using L2tpd.Engine.Configuration;

namespace L2tpd.Engine.Statics;

/// <summary>A configured session of a static tunnel.</summary>
internal sealed class StaticCall(StaticSession configuration) : IConfiguredSession
{
    public StaticSession Configuration => configuration;

    /// <inheritdoc/>
    public string Name => configuration.Name;

    /// <summary>The session that is up, or none.</summary>
    public SessionKey Current { get; set; }

    /// <summary>When it is set up again; <see cref="Instant.Never"/> if it is not planned.</summary>
    public Instant OpenAt { get; set; } = Instant.Never;

    public int Failures { get; set; }

    /// <summary>The operator keeps it down.</summary>
    public bool IsHeldDown { get; set; }

    public void Reset() => (Current, OpenAt) = (default, Instant.Never);
}
