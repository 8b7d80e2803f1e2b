using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine.Statics;

/// <content>Commands of the operator.</content>
internal sealed partial class StaticLine
{
    /// <inheritdoc/>
    public override IReadOnlyList<StaticCall> Sessions => _calls;

    /// <inheritdoc/>
    protected override string Name => Configuration.Name;

    /// <inheritdoc/>
    protected override bool IsHeldDown => _isHeld;

    /// <summary>The line takes the place of one that was configured otherwise: what the operator keeps down stays so.</summary>
    public void TakeOver(StaticLine former)
    {
        _isHeld = former._isHeld;
        foreach (var call in _calls)
            call.IsHeldDown = former._calls.Exists(other => other.IsHeldDown && other.Name == call.Name);
    }

    /// <inheritdoc/>
    protected override void Receive(ConfiguredCommand command, EndReason reason)
    {
        var isDown = command == ConfiguredCommand.StayDown;
        _isHeld = isDown;
        if (isDown || command == ConfiguredCommand.Reset)
        {
            Close(reason);
            // The data plane deletes in a worker: the id is free only then.
            _beginAt = isDown ? Instant.Never : Context.Now + StaticTunnels.Settling;
        }
        else if (_run is null)
        {
            Begin();
        }
    }

    /// <inheritdoc/>
    protected override void Receive(StaticCall session, ConfiguredCommand command, EndReason reason)
    {
        var isDown = command == ConfiguredCommand.StayDown;
        session.IsHeldDown = isDown;
        if (isDown || command == ConfiguredCommand.Reset)
        {
            if (_run is { } run && run.Tunnel.TryGetSession(session.Configuration.SessionId, out var current)
                && current.Key == session.Current)
            {
                Close(current, reason);
            }

            session.OpenAt = Instant.Never;
        }

        if (isDown || session.Current != default)
            return;
        session.Failures = 0;
        Plan(session, Context.Now + (command == ConfiguredCommand.Reset ? StaticTunnels.Settling : TimeSpan.Zero));
    }
}
