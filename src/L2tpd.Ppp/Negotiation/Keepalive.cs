namespace L2tpd.Ppp.Negotiation;

/// <summary>
/// LCP Echo-Requests as a keepalive: sent after silence only; several unanswered ones end the link. No allocation while it runs.
/// </summary>
internal sealed class Keepalive
{
    private readonly PppEndpoint _endpoint;
    private long _lastHeard;
    private int _unanswered;

    internal Keepalive(PppEndpoint endpoint)
    {
        _endpoint = endpoint;
    }

    internal long Deadline { get; private set; } = long.MaxValue;

    internal void Start(long now)
    {
        _lastHeard = now;
        _unanswered = 0;
        Deadline = _endpoint.Profile.EchoInterval > 0 ? now + _endpoint.Profile.EchoInterval : long.MaxValue;
    }

    internal void Stop() => Deadline = long.MaxValue;

    /// <summary>A frame came from the peer. The deadline is not moved here but when it is reached.</summary>
    internal void Heard(long now) => _lastHeard = now;

    internal void Answered() => _unanswered = 0;

    internal void Expire(long now, IPppEffects effects)
    {
        if (now < Deadline)
            return;

        var interval = _endpoint.Profile.EchoInterval;
        var quietUntil = _lastHeard + interval;
        if (now < quietUntil || !_endpoint.EchoUnderstood)
        {
            _unanswered = 0;
            Deadline = _endpoint.EchoUnderstood ? quietUntil : long.MaxValue;
        }
        else if (_unanswered >= _endpoint.Profile.EchoFailures)
        {
            Deadline = long.MaxValue;
            _endpoint.Fail(PppEnds.EchoTimeout(_unanswered), now, effects);
        }
        else
        {
            _unanswered++;
            Deadline = now + interval;
            _endpoint.SendEcho(effects);
        }
    }
}
