using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine.Dialling;

/// <content>Commands of the operator.</content>
internal sealed partial class DialledTunnel
{
    /// <summary>The tunnel if it is down because it may not be dialled now, and sessions for which that is so.</summary>
    public IEnumerable<string> HeldDown =>
    [
        .. !_mayDial && Current.IsNone && (!IsOnTraffic || _staysDown) ? [Configuration.Name] : Array.Empty<string>(),
        .. _sessions.Where(static session => session.IsHeldDown).Select(session => $"{Configuration.Name}/{session.Configuration.Name}"),
    ];

    /// <summary>A command about this tunnel or a session of it. Without effect if there is no such session.</summary>
    public void Receive(ControlConfigured command)
    {
        if (command.Session is null)
            Receive(command.Command, command.By);
        else if (_sessions.FirstOrDefault(session => session.Configuration.Name == command.Session) is { } session)
            Receive(session, command.Command, command.By);
        UpdateDeadline();
    }

    /// <summary>The operator closes the tunnel: one that is dialled by hand stays down.</summary>
    public void HandleClosedByOperator() => _mayDial &= Configuration.Dial == DialMode.Always;

    /// <summary>The configuration says otherwise now when it is dialled; the tunnel is up.</summary>
    private void TakeOverDial(LacTunnel changed) => _mayDial |= changed.Dial != Configuration.Dial;

    private void Receive(ConfiguredCommand command, string by)
    {
        _staysDown = command == ConfiguredCommand.StayDown;
        var isUp = (_mayDial || IsOnTraffic) && command == ConfiguredCommand.Up;
        if (isUp)
            return;
        _mayDial = MayBeSetUp(command, Configuration.Dial);
        if (command is ConfiguredCommand.Reset or ConfiguredCommand.StayDown)
            CloseAll(command, by);
        if (command == ConfiguredCommand.StayDown)
            Halt();
        else if (_mayDial && Current.IsNone)
            DialNow();
    }

    private void Receive(DialledSession session, ConfiguredCommand command, string by)
    {
        if (!session.Permit(command))
            return;
        if (command is ConfiguredCommand.Reset or ConfiguredCommand.StayDown && SessionOf(session) is { } current)
        {
            _dialler.Calls.Close(current, Reason(command, by));
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

    private static EndReason Reason(ConfiguredCommand command, string by) => new()
    {
        Cause = EndCause.Administrative,
        Text = command == ConfiguredCommand.Reset ? $"reset by {by}" : $"closed by {by}, to stay down",
    };

    private void CloseAll(ConfiguredCommand command, string by)
    {
        // Its end must plan no retry: a reset dials at once, and one that stays down has none.
        var mayDial = _mayDial;
        _mayDial = false;
        foreach (var key in new[] { Preferred, Current })
        {
            if (_dialler.Find(key) is { } tunnel)
                _dialler.Close(tunnel, Reason(command, by));
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
