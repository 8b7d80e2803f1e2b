namespace L2tpd.Ppp;

/// <content>
/// The end of the session's time. With Termination-Action RADIUS-Request (RFC 2865 section 5.29) the peer proves itself again instead of
/// losing the session, and the new answer's timeouts count from then on. PAP has no challenge: its sessions end.
/// </content>
public sealed partial class PppEndpoint
{
    /// <summary>The session's time is over, and the peer has to prove itself again.</summary>
    public bool IsReauthenticating { get; private set; }

    /// <summary>When the session's time is over; <see cref="long.MaxValue"/>: never.</summary>
    public long SessionDeadline => _sessionDeadline;

    /// <summary>When the session ends if no data packet comes before; <see cref="long.MaxValue"/>: never.</summary>
    public long IdleDeadline => _idleDeadline == long.MaxValue ? long.MaxValue : Math.Max(_idleDeadline, _lastTraffic + _idleTimeout);

    private void ExpireSession(long now, IPppEffects effects)
    {
        _sessionDeadline = long.MaxValue;
        if (Authorisation is { ReauthenticateAtTimeout: true } && _authenticator?.TryChallenge(now, effects) == true)
            IsReauthenticating = true;
        else
            Fail(PppEnds.SessionTimeout(), now, effects);
    }

    /// <summary>The peer proved itself again: what the new answer says of times replaces what the first one said.</summary>
    private void Renew(Authorisation? renewed, long now)
    {
        IsReauthenticating = false;
        if (Authorisation is not { } former)
            return;

        var said = renewed ?? new Authorisation();
        Authorisation = former with
        {
            SessionTimeout = said.SessionTimeout,
            IdleTimeout = said.IdleTimeout,
            ReauthenticateAtTimeout = said.ReauthenticateAtTimeout,
            State = said.State,
            ChargeableUserIdentity = said.ChargeableUserIdentity.IsEmpty ? former.ChargeableUserIdentity : said.ChargeableUserIdentity,
        };
        ChangeTimeouts(
            said.SessionTimeout > 0 ? said.SessionTimeout : Profile.SessionTimeout,
            said.IdleTimeout > 0 ? said.IdleTimeout : Profile.IdleTimeout, now);
    }
}
