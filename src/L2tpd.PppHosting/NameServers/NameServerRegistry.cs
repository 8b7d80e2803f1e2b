using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.NameServers;

/// <summary>
/// Sets this machine's name servers to those that the peers of dialled sessions send, as the PPP profile configures, and restores the
/// former ones when the session ends. Notes next to the state file tell the next start what a killed daemon left (ADR 12). The loop
/// decides; a worker runs programs and writes files.
/// </summary>
public sealed partial class NameServerRegistry : IEventObserver, IDisposable
{
    private static readonly TimeSpan LastCalls = TimeSpan.FromSeconds(5);

    private readonly Dictionary<SessionKey, (NameServerUse Use, string Interface)> _inUse = [];
    private readonly PppProfiles _profiles;
    private readonly IInputSink _sink;
    private readonly ILogger _log;
    private readonly WorkQueue _worker;
    private readonly ResolverConfiguration _resolver;

    /// <summary>Starts, and restores what an earlier run left.</summary>
    /// <param name="profiles">The use of name servers by profile.</param>
    /// <param name="stateFile">Notes are in files with this name and a suffix.</param>
    /// <param name="sink">The loop.</param>
    /// <param name="faults">Takes internal errors.</param>
    /// <param name="log">Takes failures.</param>
    public NameServerRegistry(PppProfiles profiles, string stateFile, IInputSink sink, FaultLog faults, ILogger log)
    {
        (_profiles, _sink, _log) = (profiles, sink, log);
        _worker = new WorkQueue("l2tpd-dns", error => sink.Post(() => faults.Add("name servers", error)));
        _resolver = new ResolverConfiguration(stateFile);
        _worker.Add(() => Report("an earlier run", _resolver.RemoveLeftovers()));
    }

    /// <inheritdoc/>
    public void Observe(EngineEvent engineEvent)
    {
        if (engineEvent is SessionNetworkUp up)
            Use(up.Session, up.Interface);
        else if (engineEvent is SessionEnded { Session: var ended })
            Release(ended);
    }

    /// <summary>Restores everything.</summary>
    public void Dispose()
    {
        foreach (var (use, network) in _inUse.Values)
            _worker.Add(() => _resolver.Remove(use, network));
        _inUse.Clear();
        _worker.Complete(LastCalls);
        _worker.Dispose();
    }

    private void Use(Session session, string network)
    {
        if (session.IsLns || session.NameServers is not { } servers || session.Profile.Ppp is not { } name
            || !_profiles.TryGet(name, out var profile, out _) || profile.NameServerUse == NameServerUse.None)
        {
            return;
        }

        _inUse[session.Key] = (profile.NameServerUse, network);
        var subject = Printable.Of(session.Name);
        _worker.Add(() => Report(subject, _resolver.Set(profile.NameServerUse, network, servers.Split(' '), profile.DefaultRoute)));
    }

    private void Release(Session session)
    {
        if (!_inUse.Remove(session.Key, out var used))
            return;
        var subject = Printable.Of(session.Name);
        _worker.Add(() => Report(subject, _resolver.Remove(used.Use, used.Interface)));
    }

    private void Report(string subject, string? problem)
    {
        if (problem is not null)
            _sink.Post(() => LogProblem(subject, problem));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cannot change the name servers for {Subject}: {Problem}")]
    private partial void LogProblem(string subject, string problem);
}
