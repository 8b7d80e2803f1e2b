using System.Globalization;
using L2tpd.Access;
using L2tpd.Control;
using L2tpd.Engine.Events;
using L2tpd.Ppp;
using L2tpd.Ppp.Wire;

namespace L2tpd.PppHosting.BuiltIn;

/// <content>Authentication, accounting and requests from outside.</content>
internal sealed partial class BuiltInSession
{
    private static readonly PppEnd Restarted = new(
        PppEndCause.ClosedByPeer, "the peer renegotiated the link", DisconnectCode.Normal,
        (ushort)PppProtocol.Lcp, 1, TerminateCause.UserRequest);

    private readonly SessionAttributes _attributes;
    private readonly uint _port;
    private (SessionAccounting Accounting, long At)? _former;
    private string? _user;
    private int _restarts;
    private bool _interimWanted;
    private long _askedAt;

    /// <summary>The reason of the L2TP session's end; called after <see cref="Stop"/>.</summary>
    public void OnSessionEnded(EndReason reason) => _why = reason;

    /// <inheritdoc/>
    public void OnAuthenticated(uint attempt, AuthenticationResult result)
    {
        if (_isClosing || _asked is not { } request)
            return;
        _asked = null;
        if (result.Challenge is null)
            (result.Accepted ? _backend.Accepted : _backend.Refused).Observe(Now - _askedAt);
        var admitted = Admit(request, result);
        // The endpoint may ask for an address at once, and the user is reported before the address.
        if (_user is not null)
            ReportUser();
        _endpoint.HandleAuthentication(attempt, admitted, Now, this);
        Rearm();
    }

    /// <inheritdoc/>
    public void Ended(PppEndpoint endpoint, PppEnd end)
    {
        _end = end;
        if (!_accounting.IsRunning)
        {
            CloseLink();
            return;
        }

        // The Stop record has the last counters. A kernel that does not answer must not keep the session.
        _link.RequestCounters();
        if (!_isClosing)
            _backend.Timers.After(WaitForCounters, CloseLink);
    }

    /// <inheritdoc/>
    public void OnCounters(SessionCounters? counters)
    {
        if (_isClosing)
            return;
        _counters = counters ?? _counters;
        StopFormer();
        if (_end is not null)
        {
            CloseLink();
            return;
        }

        if (!_interimWanted)
            return;
        _interimWanted = false;
        Account(_accounting.Interim(_counters, Now));
    }

    /// <inheritdoc/>
    public void LinkRestarted(PppEndpoint endpoint)
    {
        (_user, _peerAddress, _peerIdentifier, _rates) = (null, default, 0, null);
        (_changedFilters, _changedRoutes) = (null, null);
        RemoveFilters();
        RemoveRoutes();
        if (!_accounting.IsRunning || _isClosing)
            return;

        // Another user may follow on the same L2TP session: its accounting is a session of its own.
        StopFormer();
        var former = (Accounting: _accounting, At: Now);
        _former = former;
        var id = string.Create(CultureInfo.InvariantCulture, $"{_attributes.SessionId}-{++_restarts}");
        _accounting = NewAccounting(_attributes with { SessionId = id });
        _link.RequestCounters();
        if (_former is not null)
        {
            _backend.Timers.After(WaitForCounters, () =>
            {
                if (_former == former)
                    StopFormer();
            });
        }
    }

    /// <inheritdoc/>
    public ControlOutcome Change(AccessAnswer.Change change, long now)
    {
        var wanted = change.Authorisation;
        if (wanted.Filters is not null && _backend.Filters is not { IsOn: true })
            return ControlOutcome.UnsupportedAttribute;

        if (wanted.SessionTimeout is not null || wanted.IdleTimeout is not null)
            _endpoint.ChangeTimeouts(wanted.SessionTimeout, wanted.IdleTimeout, now);
        if (wanted.InterimInterval is { } interval)
            _accounting.ChangeInterval(interval, now);
        if (wanted.Class is { } value)
            _accounting.ChangeClass(value);
        if (wanted.RateFromPeer is not null || wanted.RateToPeer is not null)
            ChangeRates(wanted);
        if (wanted.Filters is { } filters)
            ChangeFilters(filters);
        if (wanted.Routes is { } routes)
            ChangeRoutes(routes);

        Rearm();
        return ControlOutcome.Done;
    }

    private AuthenticationResult Admit(AuthenticationRequest request, AuthenticationResult result)
    {
        if (result.Challenge is not null)
            return result;

        // The name of the matching entry: a user could have two sessions under two spellings of its name.
        var name = result.UserName ?? request.UserName;
        if (!result.Accepted)
        {
            TellRefused(request, result.Reason ?? "refused");
            return result;
        }

        // Addresses and accounting belong to the first user: a repeated challenge must be answered by the same one.
        if (request.Repeated && name != _user)
        {
            TellRefused(request, "the session belongs to another user");
            return AuthenticationResult.Refuse("the session belongs to another user");
        }

        if (!request.Repeated && _profile.Objection(result.Authorisation) is { } objection)
        {
            TellRefused(request, objection);
            return AuthenticationResult.Refuse(objection) with { MayRetry = false };
        }

        if (!_profile.Sessions.TryEnter(name, Number, out var replaced, result.Authorisation?.PortLimit ?? 0))
        {
            var limit = result.Authorisation is { PortLimit: > 1 and var most } ? $"{most} sessions, its Port-Limit," : "a session";
            var reason = $"the user has {limit} already";
            TellRefused(request, reason);
            return AuthenticationResult.Refuse(reason, "already connected") with { MayRetry = false };
        }

        _user = name;
        var user = Printable.Of(request.UserName);
        if (!request.Repeated && _backend.Lines.TryTake(SubscriberLine.Authenticated, user, out var unsaid))
            LogAuthenticated(Name, user, request.Protocol, unsaid);
        foreach (var number in replaced)
            _backend.Replace(number, Name);
        return request.Repeated ? result : WithPrefixes(result, name);
    }

    /// <summary>A session that is up repeats what the server gave it for its next request (RFC 2865 section 5.24, RFC 4372).</summary>
    private AccessRequest AskAgain(AccessRequest request) =>
        !request.Authentication.Repeated || _endpoint.Authorisation is not { } known ? request : request with
        {
            State = _endpoint.IsReauthenticating ? known.State : [],
            ChargeableUserIdentity = known.ChargeableUserIdentity,
        };

    private SessionAccounting NewAccounting(SessionAttributes attributes) =>
        new(attributes, (long)_profile.Source.InterimInterval.TotalMilliseconds, _backend.InterimSpread);

    /// <summary>A network layer came up: Start for the first, an Interim for the second.</summary>
    private void AccountNetwork(Authorisation? authorisation)
    {
        if (_accounting.IsRunning)
            AccountMove();
        else
            Account(_accounting.Start(_user ?? _endpoint.PeerName, _peerAddress, _peerIdentifier, authorisation, Now));
    }

    private void AccountMove()
    {
        if (_isClosing || !_accounting.Move(_peerAddress, _peerIdentifier))
            return;
        _interimWanted = true;
        _link.RequestCounters();
    }

    private void AccountStop()
    {
        StopFormer();
        if (_end is { } end)
            Account(_accounting.Stop(end with { TerminateCause = CauseOf(end) }, _counters, Now));
    }

    /// <summary>Ends the accounting of the time before the link was renegotiated, with the counts until now.</summary>
    private void StopFormer()
    {
        if (_former is not { } former)
            return;
        _former = null;
        Account(former.Accounting.Stop(Restarted, _counters, former.At));
        _accounting.CountFrom(_counters);
    }

    // If the L2TP session ended first, its reason counts: PPP only knows that it was stopped.
    private TerminateCause CauseOf(PppEnd end) => _requestedCause is not TerminateCause.None and var cause ? cause
        : _why is { } why && _isStopped ? PppEndCodes.TerminateCauseOf(why) : end.TerminateCause;

    private void Account(AccountingRecord? record)
    {
        if (record is null)
            return;
        _backend.Access.Account(_profile.Access, record, Now);
        var user = record.UserName is null ? "the peer" : Printable.Of(record.UserName);
        if (record.Status != AccountingStatus.Stop || !_backend.Lines.TryTake(SubscriberLine.Over, user, out var unsaid))
            return;
        var counters = record.Counters;
        LogAccountingStop(
            Name, user, record.SessionTime / 1000,
            counters.OctetsIn, counters.PacketsIn, counters.OctetsOut, counters.PacketsOut, record.TerminateCause, unsaid);
    }
}
