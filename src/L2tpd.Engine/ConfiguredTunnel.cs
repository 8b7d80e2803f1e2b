using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine;

/// <summary>A session of the configuration.</summary>
internal interface IConfiguredSession
{
    /// <summary>Its name in its tunnel.</summary>
    string Name { get; }

    /// <summary>It is down because it may not be set up now.</summary>
    bool IsHeldDown { get; }
}

/// <summary>A tunnel of the configuration, dialled or static, as commands of the operator see it: it is found by name, up or not.</summary>
/// <typeparam name="TSession">Its sessions.</typeparam>
internal abstract class ConfiguredTunnel<TSession>
    where TSession : class, IConfiguredSession
{
    /// <summary>The sessions configured in it.</summary>
    public abstract IReadOnlyList<TSession> Sessions { get; }

    /// <summary>The tunnel if it is down because it may not be set up now, and the sessions for which that is so.</summary>
    public IEnumerable<string> HeldDown =>
    [
        .. IsHeldDown ? [Name] : Array.Empty<string>(),
        .. Sessions.Where(static session => session.IsHeldDown).Select(session => $"{Name}/{session.Name}"),
    ];

    /// <summary>Its name in the configuration.</summary>
    protected abstract string Name { get; }

    /// <summary>It is down because it may not be set up now.</summary>
    protected abstract bool IsHeldDown { get; }

    /// <summary>A command about this tunnel or a session of it. Without effect if there is no such session.</summary>
    public void Receive(ControlConfigured command)
    {
        var reason = new EndReason
        {
            Cause = EndCause.Administrative,
            Text = command.Command == ConfiguredCommand.Reset ? $"reset by {command.By}" : $"closed by {command.By}, to stay down",
        };
        if (command.Session is null)
            Receive(command.Command, reason);
        else if (Sessions.FirstOrDefault(session => session.Name == command.Session) is { } session)
            Receive(session, command.Command, reason);
        UpdateDeadline();
    }

    /// <summary>Something is due at another time than before.</summary>
    public abstract void UpdateDeadline();

    /// <summary>A command about the tunnel.</summary>
    /// <param name="command">What is wanted.</param>
    /// <param name="reason">Why what is up ends, if the command ends it.</param>
    protected abstract void Receive(ConfiguredCommand command, EndReason reason);

    /// <inheritdoc cref="Receive(ConfiguredCommand, EndReason)"/>
    protected abstract void Receive(TSession session, ConfiguredCommand command, EndReason reason);
}
