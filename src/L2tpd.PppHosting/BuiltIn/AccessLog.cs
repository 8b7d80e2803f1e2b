using L2tpd.Access;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.BuiltIn;

/// <summary>Log lines about access back ends.</summary>
internal sealed partial class AccessLog(ILogger log) : IAccessObserver
{
    /// <inheritdoc/>
    public void OnAccountingLost(string error) => LogNotAccounted(error);

    /// <inheritdoc/>
    public void OnRequestServed(AccessAnswer request, string? session, ControlOutcome outcome) =>
        LogServed(request is AccessAnswer.Disconnect ? "disconnect" : "change", session ?? "no session", outcome);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An accounting record was lost: {Error}")]
    private partial void LogNotAccounted(string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "Request from outside to {What} {Session}: {Outcome}")]
    private partial void LogServed(string what, string session, ControlOutcome outcome);
}
