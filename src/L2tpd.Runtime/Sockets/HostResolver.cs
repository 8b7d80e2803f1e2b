using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>Resolves the host names of LNSs outside of the loop: a bounded number at one time, each with a timeout.</summary>
/// <param name="sink">Takes the answers.</param>
/// <param name="onFailure">Takes the name and the error of a failed look-up, on the loop's thread.</param>
public sealed class HostResolver(IInputSink sink, Action<string, string> onFailure) : IDisposable
{
    private const int AtOneTime = 8;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turns = new(AtOneTime);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Starts one look-up. <see cref="HostResolved"/> is posted at its end, with an error text if it failed.</summary>
    public void Resolve(DialKey dial, RemoteHost remote)
    {
        if (IPAddress.TryParse(remote.Host.Trim('[', ']'), out var literal))
            sink.Submit(new HostResolved(dial, [literal], null));
        else
            LookUp(remote.Host, (addresses, error) => sink.Submit(new HostResolved(dial, addresses, error)));
    }

    /// <summary>Looks up a name.</summary>
    /// <param name="host">The name.</param>
    /// <param name="onDone">Takes the addresses, and the error if there are none, on the loop's thread.</param>
    public void LookUp(string host, Action<ImmutableArray<IPAddress>, string?> onDone) => _ = ResolveAsync(host, onDone);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
        _turns.Dispose();
    }

    private async Task ResolveAsync(string host, Action<ImmutableArray<IPAddress>, string?> onDone)
    {
        ImmutableArray<IPAddress> addresses = [];
        string? error = null;
        try
        {
            await _turns.WaitAsync(_ending.Token).ConfigureAwait(false);
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                timeout.CancelAfter(Timeout);
                // Task.Run: the look-up of a local name may block before its first await.
                addresses = [.. await Task.Run(() => Dns.GetHostAddressesAsync(host, timeout.Token), timeout.Token)
                    .ConfigureAwait(false)];
                if (addresses.IsEmpty)
                    error = $"{host} has no address";
            }
            finally
            {
                _turns.Release();
            }
        }
        catch (OperationCanceledException)
        {
            error = $"no answer to the DNS look-up of {host} within {Timeout.TotalSeconds:0} s";
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException or ObjectDisposedException)
        {
            error = $"{host}: {failure.Message}";
        }

        if (error is not null && !_ending.IsCancellationRequested)
            sink.Post(() => onFailure(host, error));
        sink.Post(() => onDone(addresses, error));
    }
}
