using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Effects;
using L2tpd.Engine.Inputs;
using L2tpd.Runtime.Loop;

namespace L2tpd.Runtime.Sockets;

/// <summary>Finds the addresses of an LNS beside the loop: at most so many names at one time, each for at most so long.</summary>
/// <param name="sink">Gets the answers.</param>
/// <param name="onFailure">Told the name and why it did not resolve, on the loop's thread.</param>
public sealed class HostResolver(IInputSink sink, Action<string, string> onFailure) : IDisposable
{
    private const int AtOneTime = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turns = new(AtOneTime);
    private readonly CancellationTokenSource _ending = new();

    /// <summary>Starts one resolution; <see cref="HostResolved"/> is posted at its end, with an error in words where it failed.</summary>
    public void Resolve(DialKey dial, RemoteHost remote)
    {
        if (IPAddress.TryParse(remote.Host.Trim('[', ']'), out var literal))
            sink.Submit(new HostResolved(dial, [literal], null));
        else
            _ = ResolveAsync(dial, remote.Host);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ending.Cancel();
        _ending.Dispose();
        _turns.Dispose();
    }

    private async Task ResolveAsync(DialKey dial, string host)
    {
        ImmutableArray<IPAddress> addresses = [];
        string? error = null;
        try
        {
            await _turns.WaitAsync(_ending.Token).ConfigureAwait(false);
            try
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                patience.CancelAfter(Patience);
                // Task.Run: the look-up of a local name may block before its first await.
                addresses = [.. await Task.Run(() => Dns.GetHostAddressesAsync(host, patience.Token), patience.Token)
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
            error = $"no answer to the question for {host} within {Patience.TotalSeconds:0} s";
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException or ObjectDisposedException)
        {
            error = $"{host}: {failure.Message}";
        }

        if (error is not null && !_ending.IsCancellationRequested)
            sink.Post(() => onFailure(host, error));
        sink.Post(new HostResolved(dial, addresses, error));
    }
}
