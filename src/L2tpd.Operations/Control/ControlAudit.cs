using L2tpd.Control;
using L2tpd.Linux;
using L2tpd.Runtime.Logging;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace L2tpd.Operations.Control;

/// <summary>
/// Middleware after routing that lets a request pass if its client may make it, and leaves one line in the log for each change: who, which
/// process, what, with which result. A request that only shows something leaves none.
/// </summary>
internal sealed partial class ControlAudit(ILogger log)
{
    /// <summary>Characters of a command in the log.</summary>
    private const int LongestCommand = 400;

    /// <summary>Refusals are logged at this rate: whoever may connect can make as many as it likes.</summary>
    private readonly LineGate _refused = new(TimeSpan.FromSeconds(1));
    private readonly Lock _lock = new();

    /// <summary>Handles one request.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var client = context.Features.Get<ClientConnections.Client>();
        var isChange = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        var rights = client?.Rights ?? ControlRights.None;
        var showsUsers = context.GetEndpoint()?.Metadata.GetMetadata<AdminOnly>() is not null;
        if (rights < (isChange || showsUsers ? ControlRights.Admin : ControlRights.Read))
        {
            LogRefusal(context, client);
            await ControlEndpoints.WriteAsync(context, Refusal(rights, showsUsers)).ConfigureAwait(false);
            return;
        }

        await next(context).ConfigureAwait(false);
        if (isChange)
            LogChange(CommandOf(context.Request), client!.Peer, context.Response.StatusCode);
    }

    private static Problem Refusal(ControlRights rights, bool showsUsers) => new(
        ProblemTypes.Forbidden, "not permitted", 403, rights switch
        {
            ControlRights.Read when showsUsers => "a trace shows what peers and users send: only the admin group may see it "
                + "(control: admin-group)",
            ControlRights.Read => "your groups may see everything here but traces, and change nothing (control: read-group, admin-group)",
            _ => "none of your groups may use the control socket (control: read-group, admin-group)",
        });

    private static string CommandOf(HttpRequest request) =>
        Printable.Of($"{request.Method} {request.Path}{Uri.UnescapeDataString(request.QueryString.Value ?? "")}", LongestCommand);

    private void LogRefusal(HttpContext context, ClientConnections.Client? client)
    {
        long suppressed;
        lock (_lock)
        {
            if (!_refused.TryPass(MonotonicClock.NowMilliseconds, out suppressed))
                return;
        }

        LogRefused(CommandOf(context.Request), client?.Peer.ToString() ?? "an unknown user", suppressed);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Control: {Command} by {Peer}: {Status}")]
    private partial void LogChange(string command, PeerCredentials peer, int status);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "Control: {Command} by {Peer}: refused, its groups do not permit it ({Suppressed} more)")]
    private partial void LogRefused(string command, string peer, long suppressed);
}
