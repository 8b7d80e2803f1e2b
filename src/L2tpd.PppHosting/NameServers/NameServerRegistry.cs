using L2tpd.Configuration;
using L2tpd.Control;
using L2tpd.Engine.Addressing;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Events;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.PppHosting.NameServers;

/// <summary>
/// Tells this machine's resolver of the name servers that peers of dialled sessions name, as their PPP profile says, and takes them back
/// when the session ends. What a killed daemon left is taken back at the next start, by what is noted beside the state file (ADR 12). The
/// loop decides; a worker runs programs and writes files.
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

    /// <summary>Takes back what an earlier run left.</summary>
    /// <param name="profiles">What is to be done with name servers.</param>
    /// <param name="stateFile">Notes go to files of this name with an ending.</param>
    /// <param name="sink">The loop.</param>
    /// <param name="faults">For internal errors.</param>
    /// <param name="log">For what could not be done.</param>
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

    /// <summary>Takes back everything.</summary>
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Subject}: name servers: {Problem}")]
    private partial void LogProblem(string subject, string problem);
}
