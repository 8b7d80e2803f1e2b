using L2tpd.Engine.Configuration;
using L2tpd.Engine.Inputs;

namespace L2tpd.Engine.Dialling;

/// <content>Commands of the operator.</content>
internal sealed partial class DialledSession
{
    /// <inheritdoc/>
    public bool IsHeldDown => !_mayOpen && IsDown && (!IsOnTraffic || _staysDown);

    /// <summary>Keeps the command: whether the session may be set up from now on.</summary>
    /// <returns>False if nothing follows from the command.</returns>
    public bool Permit(ConfiguredCommand command)
    {
        if (IsOnTraffic)
            return PermitOnTraffic(command);
        var former = _mayOpen;
        _mayOpen = command switch
        {
            ConfiguredCommand.StayDown => false,
            ConfiguredCommand.Up => former || Configuration.Dial == DialMode.Always,
            _ => true,
        };
        return command != ConfiguredCommand.Up || (_mayOpen && !former);
    }

    /// <summary>The operator closes the session: one that is dialled by hand stays down.</summary>
    public void HandleClosedByOperator() => _mayOpen &= Configuration.Dial == DialMode.Always;

    /// <summary>Set up at once, if it is down; if the tunnel is not up, as soon as it is.</summary>
    public void OpenNow()
    {
        if (!IsDown)
            return;
        _failures = 0;
        (_refusals, RefusedUntil, Refusal) = (0, null, null);
        DropAnnouncement();
        RetryAt = owner.Now;
        owner.Schedule(this);
    }

    /// <summary>Nothing is planned any more.</summary>
    public void Halt()
    {
        RetryAt = Instant.Never;
        DropAnnouncement();
    }

    /// <summary>The same call, configured otherwise: when it is set up and tried again.</summary>
    public void Change(LacSession wanted)
    {
        var isOther = wanted.Dial != Configuration.Dial;
        Configuration = wanted;
        if (!isOther)
            return;
        // One that is up stays up.
        _mayOpen = wanted.Dial == DialMode.Always || !IsDown;
        if (_mayOpen)
            OpenNow();
        else
            Halt();
    }
}
