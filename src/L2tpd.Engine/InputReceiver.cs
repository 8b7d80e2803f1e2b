using L2tpd.Engine.Calls;
using L2tpd.Engine.ControlConnections;
using L2tpd.Engine.Events;
using L2tpd.Engine.Inputs;
using L2tpd.Protocol;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine;

/// <summary>
/// Receives the inputs about one tunnel or one session: results of effects, reports of the host, and commands of the operator. Those that
/// end something become events of the state machines; a static tunnel has none, and its <see cref="Statics.StaticLine"/> ends it.
/// </summary>
internal sealed class InputReceiver(EngineContext context, TunnelMachine machine, CallMachine calls)
{
    /// <summary>The operator closes the tunnel.</summary>
    public void Close(Tunnel tunnel, CloseTunnel input)
    {
        tunnel.Dialled?.HandleClosedByOperator();
        End(tunnel, new EndReason { Cause = EndCause.Administrative, Text = $"closed by {input.By}" });
    }

    /// <summary>An input about a tunnel that runs.</summary>
    public void Receive(Tunnel tunnel, TunnelInput input)
    {
        switch (input)
        {
            case TransportOpened opened:
                if (tunnel.Static is { } line)
                    line.HandleOpened(opened.Path);
                else
                    machine.Open(tunnel, opened.Path);
                break;
            case TransportFailed failed:
                tunnel.LastSocketError = failed.Error;
                End(tunnel, new EndReason
                {
                    Cause = failed.OutOfResources ? EndCause.LimitReached : EndCause.Transport,
                    Text = failed.Error,
                    LastSocketError = failed.Error,
                });
                break;
            case PeerCutOff cutOff:
                EndInSilence(tunnel, new EndReason { Cause = EndCause.Transport, Text = cutOff.Reason });
                break;
            case TransportError error:
                tunnel.LastSocketError = error.Error;
                if (error.Refused)
                    machine.HandleRefusedPort(tunnel);
                break;
            case TunnelCreated:
                context.Notify(new DataPathCreated(tunnel));
                machine.HandleCreated(tunnel);
                tunnel.Static?.HandleCreated();
                break;
            case TunnelFailed failed:
                context.Notify(new DataPathFailed(tunnel, null, failed.Error));
                End(tunnel, DataPlaneFailure(failed.Error, failed.OutOfResources, StopCcnResult.GeneralError));
                break;
        }
    }

    /// <summary>An input about a session that has not ended.</summary>
    public void Receive(Session session, SessionInput input)
    {
        switch (input)
        {
            case CloseSession close:
                session.Dialled?.HandleClosedByOperator();
                End(session, new EndReason { Cause = EndCause.Administrative, Text = $"closed by {close.By}" });
                break;
            case SessionCreated created:
                context.Notify(new DataPathCreated(session.Tunnel, session, created.Interface));
                calls.HandleCreated(session, created.Interface);
                session.Tunnel.Static?.HandleCreated(session);
                break;
            case SessionFailed failed:
                HandleFailed(session, failed);
                break;
            case PppUp up:
                calls.HandleNetworkUp(session, new SessionNetwork(up.Interface, up.LocalAddress, up.PeerAddress, up.NameServers));
                session.Tunnel.Static?.HandleCreated(session);
                break;
            case PppRates rates:
                session.Rates = (rates.ToPeer, rates.FromPeer);
                break;
            case PppUser user:
                calls.HandleUser(session, user.User);
                break;
            case PppIdle:
                session.IsIdle = true;
                break;
            case PppRefused refused:
                CallMachine.HandlePppRefused(session, refused);
                break;
            case PppEnded ended:
                HandlePppEnded(session, ended);
                break;
            case CircuitStatusChanged changed:
                CallInformation.ReportCircuit(session, changed.Status);
                break;
            case CallErrorsObserved observed:
                calls.Information.ReportErrors(session, observed.Errors);
                break;
        }
    }

    private void HandleFailed(Session session, SessionFailed failed)
    {
        context.Notify(new DataPathFailed(session.Tunnel, session, failed.Error));
        var reason = DataPlaneFailure(failed.Error, failed.OutOfResources, CdnResult.GeneralError);
        if (session.Tunnel.Static is { } line)
            line.Close(session, reason with { Result = null });
        else
            calls.Fail(session, reason);
    }

    private void HandlePppEnded(Session session, PppEnded ended)
    {
        var reason = new EndReason
        {
            Cause = EndCause.Ppp,
            Text = ended.Reason,
            Result = new ResultCode(ended.CdnResult),
            PppCause = ended.Cause,
        };
        if (session.Tunnel.Static is { } line)
            line.Close(session, reason with { Result = null });
        else
            calls.HandlePppEnded(session, reason);
    }

    private void End(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Static is { } line)
            line.Close(reason with { Result = null });
        else
            machine.Close(tunnel, reason);
    }

    /// <summary>Without CDN and StopCCN, which would be repeated for 31 s, and could leave in clear text.</summary>
    private void EndInSilence(Tunnel tunnel, EndReason reason)
    {
        if (tunnel.Static is { } line)
            line.Close(reason);
        else
            machine.Apply(tunnel, TunnelEvent.RetransmitExhausted, reason);
    }

    private void End(Session session, EndReason reason)
    {
        if (session.Tunnel.Static is { } line)
            line.Close(session, reason with { Result = null });
        else
            calls.Close(session, reason);
    }

    private static EndReason DataPlaneFailure(string error, bool outOfResources, ushort generalError) => new()
    {
        Cause = outOfResources ? EndCause.LimitReached : EndCause.DataPlane,
        Text = error,
        Result = new ResultCode(
            generalError, outOfResources ? GeneralError.InsufficientResources : GeneralError.VendorSpecific, "data plane"),
    };
}
