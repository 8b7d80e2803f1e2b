using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.Admission;

/// <summary>
/// Tells a repeated SCCRQ from a new one, at a small part of the cost of an answer: one bit each, found by a hash. While more SCCRQs arrive
/// than can be answered, only repeated ones are answered: a forged SCCRQ comes once, and a real peer repeats its own after a second (RFC
/// 2661 section 5.8). Without this the queue overflows, and real SCCRQs are lost in proportion. If another SCCRQ has set the same bit, one
/// passes too early, which does no harm.
/// </summary>
/// <param name="key">Secret of the hash.</param>
internal sealed class SeenRequests(ulong key)
{
    private const int Bits = 1 << 24;

    /// <summary>The shortest time an SCCRQ is remembered: repetitions are at most 8 s apart.</summary>
    private static readonly TimeSpan Generation = TimeSpan.FromSeconds(10);

    private ulong[]? _current;
    private ulong[]? _former;
    private Instant _begun;
    private bool _isBacklogged;

    /// <summary>Whether an SCCRQ is answered now. It is remembered while there is a backlog and for some time after.</summary>
    public bool Admits(in Endpoint remote, ReadOnlySpan<byte> avps, Instant now) =>
        _current is null || Note(remote, Fingerprint.Of(avps), now) || !_isBacklogged;

    /// <summary>Whether the host has more SCCRQs than it can hand over.</summary>
    public void SetBacklog(bool isBacklogged, Instant now)
    {
        _isBacklogged = isBacklogged;
        if (isBacklogged && _current is null)
            (_current, _former, _begun) = (new ulong[Bits / 64], new ulong[Bits / 64], now);
    }

    /// <returns>True if it came before, in the last seconds.</returns>
    private bool Note(in Endpoint remote, ulong fingerprint, Instant now)
    {
        if (now - _begun >= Generation)
            Turn(now);
        if (_current is null)
            return true;

        var x = ((ulong)remote.Address ^ ((ulong)(remote.Address >> 64) * 0x9E3779B97F4A7C15) ^ key) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 29) ^ fingerprint ^ remote.Port ^ ((ulong)remote.Mark << 16)) * 0x94D049BB133111EB;
        x ^= (x >> 32) ^ key;
        x *= 0xBF58476D1CE4E5B9;
        var bit = (int)(x >> 40) & (Bits - 1);
        var mask = 1UL << (bit & 63);
        var seen = ((_current[bit >> 6] | _former![bit >> 6]) & mask) != 0;
        _current[bit >> 6] |= mask;
        return seen;
    }

    /// <summary>Forgets the older half, and releases the memory some time after the last backlog.</summary>
    private void Turn(Instant now)
    {
        if (!_isBacklogged && now - _begun >= 2 * Generation)
        {
            (_current, _former) = (null, null);
            return;
        }

        (_current, _former, _begun) = (_former, _current, now);
        Array.Clear(_current!);
    }
}
