using System.Security.Cryptography;

namespace L2tpd.Protocol.Digests;

/// <summary>
/// HMAC under one key, for many short messages. The one-shot functions of the runtime look up the algorithm and schedule the key for each
/// message, which takes three times as long as a control message takes to hash. Any number of threads may use one.
/// </summary>
internal sealed class KeyedHash(HashAlgorithmName algorithm, byte[] key)
{
    /// <summary>Reset, with the key scheduled; <c>null</c> while a thread uses it, and before the first use.</summary>
    private IncrementalHash? _idle;

    /// <summary>Writes the HMAC of a message.</summary>
    public void Compute(ReadOnlySpan<byte> message, Span<byte> digest)
    {
        var hash = Interlocked.Exchange(ref _idle, null) ?? IncrementalHash.CreateHMAC(algorithm, key);
        hash.AppendData(message);
        hash.GetHashAndReset(digest);
        // Of two threads that used it at once, one leaves its own behind.
        Interlocked.Exchange(ref _idle, hash)?.Dispose();
    }
}
