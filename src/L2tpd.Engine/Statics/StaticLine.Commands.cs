using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine.Statics;

/// <content>Commands of the operator.</content>
internal sealed partial class StaticLine
{
    /// <summary>The tunnel and the sessions that the operator keeps down.</summary>
    public IEnumerable<string> HeldDown =>
    [
        .. _isHeld ? [Configuration.Name] : Array.Empty<string>(),
        .. _calls.Where(static call => call.IsHeld).Select(call => $"{Configuration.Name}/{call.Configuration.Name}"),
    ];

    /// <summary>A command about this tunnel or a session of it. Without effect if there is no such session.</summary>
    public void Receive(ControlConfigured command)
    {
        if (command.Session is null)
            Receive(command.Command, command.By);
        else if (_calls.Find(call => call.Configuration.Name == command.Session) is { } call)
            Receive(call, command.Command, command.By);
        UpdateDeadline();
    }

    /// <summary>The line takes the place of one that was configured otherwise: what the operator keeps down stays so.</summary>
    public void TakeOver(StaticLine former)
    {
        _isHeld = former._isHeld;
        foreach (var call in _calls)
            call.IsHeld = former._calls.Exists(other => other.IsHeld && other.Configuration.Name == call.Configuration.Name);
    }

    private void Receive(ConfiguredCommand command, string by)
    {
        var isDown = command == ConfiguredCommand.StayDown;
        _isHeld = isDown;
        if (isDown || command == ConfiguredCommand.Reset)
        {
            Close(Reason(command, by));
            // The data plane deletes in a worker: the id is free only then.
            _beginAt = isDown ? Instant.Never : Context.Now + StaticTunnels.Settling;
        }
        else if (_run is null)
        {
            Begin();
        }
    }

    private void Receive(StaticCall call, ConfiguredCommand command, string by)
    {
        var isDown = command == ConfiguredCommand.StayDown;
        call.IsHeld = isDown;
        if (isDown || command == ConfiguredCommand.Reset)
        {
            if (_run is { } run && run.Tunnel.TryGetSession(call.Configuration.SessionId, out var session) && session.Key == call.Current)
                Close(session, Reason(command, by));
            call.OpenAt = Instant.Never;
        }

        if (isDown || call.Current != default)
            return;
        call.Failures = 0;
        Plan(call, Context.Now + (command == ConfiguredCommand.Reset ? StaticTunnels.Settling : TimeSpan.Zero));
    }

    private static EndReason Reason(ConfiguredCommand command, string by) => new()
    {
        Cause = EndCause.Administrative,
        Text = command == ConfiguredCommand.Reset ? $"reset by {by}" : $"closed by {by}, to stay down",
    };
}
