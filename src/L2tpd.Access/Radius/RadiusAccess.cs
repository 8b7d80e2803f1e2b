using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Access;

/// <summary>
/// The RADIUS back end of one PPP profile: users are authenticated by a server, and all sessions are accounted there. All profiles share
/// one <see cref="RadiusExchange"/>.
/// </summary>
/// <remarks>
/// One thread, the loop's. A request waits for a server, or for the local users after no server answered, or it was answered. An answer
/// after a <see cref="Cancel"/> finds nobody. Where there are local users, they are asked only when no server answers, never after a
/// reject; accounting goes to RADIUS in any case.
/// </remarks>
/// <param name="exchange">The client.</param>
/// <param name="unixTime">Seconds since 1970.</param>
/// <param name="local">Asked when no server answers; <c>null</c>: the user is refused then.</param>
/// <param name="group">The group of servers to ask; <c>null</c>: all.</param>
public sealed class RadiusAccess(RadiusExchange exchange, Func<uint> unixTime, IAccessBackend? local = null, string? group = null)
    : IAccessBackend, IRadiusRequester
{
    private const string NoAnswer = "no RADIUS server answered";

    private readonly Queue<AccessAnswer> _answers = new();
    private readonly Dictionary<ulong, (ulong RequestId, AccessRequest Request)> _asked = [];
    private readonly Dictionary<ulong, ulong> _tokens = [];
    private AccountingDelivery? _accounting;
    private long _now;

    /// <summary>Whether servers are asked for a Chargeable-User-Identity (RFC 4372). Called per request: a reload changes it.</summary>
    public Func<bool>? WantsIdentity { get; init; }

    /// <inheritdoc/>
    public long NextDeadline => Math.Min(exchange.NextDeadline, Accounting.NextDeadline);

    private AccountingDelivery Accounting => _accounting ??= new AccountingDelivery(exchange, _answers, unixTime) { Group = group };

    string? IRadiusRequester.Group => group;

    /// <inheritdoc/>
    public void Authenticate(ulong requestId, AccessRequest request, long now)
    {
        _now = now;
        if (RadiusAccessRequest.Objection(request.Authentication) is { } objection)
        {
            Answer(requestId, AuthenticationResult.Refuse(objection));
            return;
        }

        var token = exchange.Submit(this, new RadiusAccessRequest(request, WantsIdentity?.Invoke() == true), now);
        _asked[token] = (requestId, request);
        _tokens[requestId] = token;
    }

    /// <inheritdoc/>
    public void Account(ulong requestId, AccountingRecord record, long now)
    {
        _now = now;
        Accounting.Account(requestId, record, now);
    }

    /// <inheritdoc/>
    public void Cancel(ulong requestId)
    {
        if (_tokens.Remove(requestId, out var token))
        {
            _asked.Remove(token);
            exchange.Cancel(token, _now);
        }

        local?.Cancel(requestId);
    }

    /// <inheritdoc/>
    public bool TryTake(out AccessAnswer? answer)
    {
        exchange.Settle(_now);
        if (_answers.TryDequeue(out answer))
            return true;
        if (local is null || !local.TryTake(out answer))
            return false;

        if (answer is AccessAnswer.Authenticated { Result: { Accepted: false } result } refused)
            answer = refused with { Result = result with { Reason = $"{NoAnswer}; local users: {result.Reason}" } };
        return true;
    }

    /// <inheritdoc/>
    public void Answer(ulong requestId, ControlOutcome outcome)
    {
        // Disconnect- and CoA-Requests are not received.
    }

    /// <inheritdoc/>
    public void HandleDeadline(long now)
    {
        _now = now;
        if (exchange.NextDeadline <= now)
            exchange.HandleDeadline(now);

        Accounting.HandleDeadline(now);
    }

    void IRadiusRequester.OnAnswered(ulong token, string server, in RadiusPacket answer)
    {
        if (_asked.Remove(token, out var asked) && _tokens.Remove(asked.RequestId))
            Answer(asked.RequestId, AccessAnswerReader.Read(answer, asked.Request.Authentication, server));
    }

    void IRadiusRequester.OnUnanswered(ulong token, long now)
    {
        if (!_asked.Remove(token, out var asked) || !_tokens.Remove(asked.RequestId))
            return;

        if (local is not null)
            local.Authenticate(asked.RequestId, asked.Request, now);
        else
            Answer(asked.RequestId, AuthenticationResult.Refuse(NoAnswer) with { MayRetry = false });
    }

    void IRadiusRequester.Continue(long now)
    {
        // An answer to an Access-Request lets nothing else wait.
    }

    private void Answer(ulong requestId, AuthenticationResult result) =>
        _answers.Enqueue(new AccessAnswer.Authenticated(requestId, result));
}
