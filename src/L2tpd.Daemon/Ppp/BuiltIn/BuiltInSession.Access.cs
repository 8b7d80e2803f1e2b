using L2tpd.Daemon.Logging;
using L2tpd.Engine.Events;
using L2tpd.Ppp;
using L2tpd.Ppp.Access;

namespace L2tpd.Daemon.Ppp.BuiltIn;

/// <content>Authentication, accounting and what is asked from outside.</content>
internal sealed partial class BuiltInSession
{
    /// <summary>The L2TP session ended for this reason; comes behind <see cref="Stop"/>.</summary>
    public void OnSessionEnded(EndReason reason) => _why = reason;

    /// <summary>The access backend's verdict.</summary>
    public void OnVerdict(uint attempt, AuthenticationResult result)
    {
        if (_isClosing || _asked is not { } facts)
            return;
        _asked = null;
        _endpoint.HandleAuthentication(attempt, Admit(facts, result), Now, this);
        Rearm();
    }

    /// <inheritdoc/>
    public void OnCounters(SessionCounters? counters)
    {
        if (_isClosing)
            return;
        _counters = counters ?? _counters;
        if (_end is not null)
            CloseLink();
        else
            Account(_accounting.Interim(_counters, Now));
    }

    /// <summary>Whether a request from outside means this session: all it names has to match.</summary>
    public bool Matches(IAccessBackend backend, SessionSelector selector) =>
        ReferenceEquals(backend, _profile.Access) && _accounting.IsRunning && _end is null
        && (selector.SessionId is null || selector.SessionId == _accounting.Session.SessionId)
        && (selector.UserName is null || selector.UserName == _endpoint.PeerName)
        && (selector.Address.IsNone || selector.Address == _endpoint.PeerAddress)
        && (selector.NasPort is null || selector.NasPort == _accounting.Session.NasPort)
        && (selector.NasPortId is null || selector.NasPortId == _accounting.Session.NasPortId)
        && (selector.CallingNumber is null || selector.CallingNumber == _accounting.Session.CallingNumber);

    /// <summary>Disconnect-Request: the session closes with Terminate-Request.</summary>
    public void Disconnect(string by) => Close(PppCloseCause.Administrative, $"disconnected by {by}");

    /// <summary>CoA-Request: what it names changes, counted from now.</summary>
    public ControlOutcome Change(AccessAnswer.Change change, long now)
    {
        if (change.Filter is not null)
            return ControlOutcome.UnsupportedAttribute;
        if (change.SessionTimeout is not null || change.IdleTimeout is not null)
            _endpoint.ChangeTimeouts(change.SessionTimeout, change.IdleTimeout, now);
        if (change.InterimInterval is { } interval)
            _accounting.ChangeInterval(interval, now);
        Rearm();
        return ControlOutcome.Done;
    }

    private void AccountStop()
    {
        if (_end is { } end)
            Account(_accounting.Stop(end with { TerminateCause = CauseOf(end) }, _counters, Now));
    }

    // Where the L2TP session ended first, its reason says more than PPP's, which is only that it was stopped.
    private TerminateCause CauseOf(PppEnd end) => _why is { } why && _isStopped ? PppEndCodes.TerminateCauseOf(why) : end.TerminateCause;

    private void Account(AccountingRecord? record)
    {
        if (record is null)
            return;
        _backend.Access.Account(_profile.Access, record);
        if (record.Status != AccountingStatus.Stop || !MayLog)
            return;
        var counters = record.Counters;
        LogAccountingStop(
            Name, record.UserName is null ? "the peer" : Printable.Of(record.UserName), record.SessionTime / 1000,
            counters.OctetsIn, counters.PacketsIn, counters.OctetsOut, counters.PacketsOut, record.TerminateCause);
    }
}
