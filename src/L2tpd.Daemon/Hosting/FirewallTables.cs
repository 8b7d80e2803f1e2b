using L2tpd.Configuration;
using L2tpd.Linux.Loop;
using L2tpd.Runtime.Ipsec;
using L2tpd.Runtime.Loop;
using Microsoft.Extensions.Logging;

namespace L2tpd.Daemon.Hosting;

/// <summary>The nftables tables of IPsec that the daemon owns: there while it runs, where the configuration asks for them.</summary>
internal sealed class FirewallTables : IDisposable
{
    private readonly ClearTextRules? _clearText;
    private readonly NatZones? _zones;

    private FirewallTables(ClearTextRules? clearText, NatZones? zones) => (_clearText, _zones) = (clearText, zones);

    /// <summary>Installs them. Blocks; before the listeners are opened.</summary>
    /// <exception cref="StartException">One cannot be installed.</exception>
    public static FirewallTables Install(
        DaemonConfiguration configuration, DataPlaneChoice plane, EventLoop events, LoopTimers timers, FaultLog faults, ILogger log)
    {
        var clearText = ListenerSetup.StartClearText(configuration, plane);
        try
        {
            return new FirewallTables(clearText, ListenerSetup.StartZones(configuration.Listeners, events, timers, faults, log));
        }
        catch
        {
            clearText?.Dispose();
            throw;
        }
    }

    /// <summary>Changes them for another configuration. Blocks for the time of the program nft; not on the loop's thread.</summary>
    /// <returns>Why it was not possible, and nothing was changed; <c>null</c>: it was.</returns>
    public string? Change(DaemonConfiguration configuration) =>
        _clearText?.Apply(configuration) is { IsNone: false } error
            ? $"nothing was changed: {ListenerSetup.ExplainClearText(error)}" : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _zones?.Dispose();
        _clearText?.Dispose();
    }
}
