using L2tpd.Linux;
using L2tpd.Linux.Loop;
using L2tpd.Linux.Netlink;
using L2tpd.Runtime.Loop;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// Watches for shared interfaces that are set down from outside: the kernel removes their routes then, and does not restore them. Loop
/// thread only.
/// </summary>
internal sealed class SharedTunWatch : IReadinessHandler, IDisposable
{
    private readonly LinkEvents _events;
    private readonly LoopRegistration _registration;
    private readonly IReadOnlyDictionary<string, SharedTun> _shared;
    private readonly List<LinkEvent> _heard = [];

    private SharedTunWatch(LinkEvents events, UserspacePppLinks links, IReadOnlyDictionary<string, SharedTun> shared)
    {
        (_events, _shared) = (events, shared);
        _registration = links.Events.Register(events.Descriptor, Readiness.Readable, new GuardedHandler(this, links.Faults));
    }

    /// <summary>Starts to watch.</summary>
    /// <param name="links">The owner of the interfaces.</param>
    /// <param name="shared">The interfaces by name; read when a change is reported.</param>
    /// <param name="watch"><c>null</c> with an error.</param>
    public static LinuxError TryStart(UserspacePppLinks links, IReadOnlyDictionary<string, SharedTun> shared, out SharedTunWatch? watch)
    {
        var error = LinkEvents.TryOpen(out var events);
        watch = error.IsNone ? new SharedTunWatch(events!, links, shared) : null;
        return error;
    }

    /// <inheritdoc/>
    public void OnReady(Readiness readiness)
    {
        _heard.Clear();
        // Lost messages may have been about any of them.
        var all = !_events.Read(_heard).IsNone;
        bool IsMeant(SharedTun tun) => all || _heard.Exists(heard => heard.Link.Name == tun.Name && !heard.IsGone);

        foreach (var tun in _shared.Values.Where(IsMeant).ToArray())
            tun.OnLinkChanged();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _events.Dispose();
    }
}
