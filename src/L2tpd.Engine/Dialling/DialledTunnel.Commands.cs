using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine.Dialling;

/// <content>Commands of the operator.</content>
internal sealed partial class DialledTunnel
{
    /// <inheritdoc/>
    protected override string Name => Configuration.Name;

    /// <inheritdoc/>
    protected override bool IsHeldDown => !_mayDial && Current.IsNone && (!IsOnTraffic || _staysDown);

    /// <summary>The operator closes the tunnel: one that is dialled by hand stays down.</summary>
    public void HandleClosedByOperator() => _mayDial &= Configuration.Dial == DialMode.Always;

    /// <summary>The configuration says otherwise now when it is dialled; the tunnel is up.</summary>
    private void TakeOverDial(LacTunnel changed) => _mayDial |= changed.Dial != Configuration.Dial;

    /// <inheritdoc/>
    protected override void Receive(ConfiguredCommand command, EndReason reason)
    {
        _staysDown = command == ConfiguredCommand.StayDown;
        var isUp = (_mayDial || IsOnTraffic) && command == ConfiguredCommand.Up;
        if (isUp)
            return;
        _mayDial = MayBeSetUp(command, Configuration.Dial);
        if (command is ConfiguredCommand.Reset or ConfiguredCommand.StayDown)
            CloseAll(reason);
        if (command == ConfiguredCommand.StayDown)
            Halt();
        else if (_mayDial && Current.IsNone)
            DialNow();
    }

    /// <inheritdoc/>
    protected override void Receive(DialledSession session, ConfiguredCommand command, EndReason reason)
    {
        if (!session.Permit(command))
            return;
        if (command is ConfiguredCommand.Reset or ConfiguredCommand.StayDown && SessionOf(session) is { } current)
        {
            _dialler.Calls.Close(current, reason);
            // Its end has made it wait for traffic.
            _ = session.Permit(command);
        }

        if (command == ConfiguredCommand.StayDown)
        {
            session.Halt();
            return;
        }

        // A session that is wanted needs its tunnel.
        if (command != ConfiguredCommand.Up && Current.IsNone && !_mayDial)
        {
            (_mayDial, _staysDown) = (true, false);
            DialNow();
        }

        session.OpenNow();
        HandleDue(_dialler.Find(Current));
    }

    private static bool MayBeSetUp(ConfiguredCommand command, DialMode dial) => command switch
    {
        ConfiguredCommand.StayDown => false,
        ConfiguredCommand.Up => dial == DialMode.Always,
        _ => true,
    };

    private void CloseAll(EndReason reason)
    {
        // Its end must plan no retry: a reset dials at once, and one that stays down has none.
        var mayDial = _mayDial;
        _mayDial = false;
        foreach (var key in new[] { Preferred, Current })
        {
            if (_dialler.Find(key) is { } tunnel)
                _dialler.Close(tunnel, reason);
        }

        _mayDial = mayDial;
    }

    private void Halt()
    {
        StopWanting();
        _retryAt = Instant.Never;
        // An answer to a look-up that is under way is one to an earlier attempt.
        _attempt++;
        _addresses.Clear();
    }

    private void DialNow()
    {
        _failures = 0;
        _holdUntil = null;
        foreach (var session in _sessions)
            session.ForgetRefusals();
        Dial();
    }

    private Session? SessionOf(DialledSession dialled) =>
        _dialler.Find(Current) is { } tunnel && tunnel.TryGetSession(dialled.Current.LocalId, out var session)
        && session.Key == dialled.Current ? session : null;
}
