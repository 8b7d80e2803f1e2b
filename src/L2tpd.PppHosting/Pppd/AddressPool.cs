using System.Net;
using L2tpd.Configuration;

namespace L2tpd.PppHosting.Pppd;

/// <summary>
/// Hands out the addresses of a PPP profile's pool, each to one session at a time: first those never used, in order, then
/// the one given back longest ago, so that a late packet for an old session seldom reaches a new one. One thread only.
/// </summary>
public sealed class AddressPool
{
    private IReadOnlyList<AddressRange> _ranges = [];
    private readonly HashSet<uint> _taken = [];
    private readonly Queue<uint> _returned = new();
    private int _range;
    private ulong _next;

    /// <summary>A pool with all its addresses free. The ranges do not overlap.</summary>
    public AddressPool(IReadOnlyList<AddressRange> ranges) => Change(ranges);

    /// <summary>Takes other ranges. Addresses in use stay so until they are given back, whether the pool still has them or not.</summary>
    public void Change(IReadOnlyList<AddressRange> ranges)
    {
        _ranges = ranges;
        _returned.Clear();
        _range = 0;
        Capacity = ranges.Sum(static range => range.Count);
        if (ranges.Count > 0)
            _next = ranges[0].FirstNumber;
    }

    /// <summary>Addresses in all.</summary>
    public long Capacity { get; private set; }

    /// <summary>Addresses in use.</summary>
    public int InUse => _taken.Count;

    /// <summary>Takes a free address, never used or free for longest; null: none is free.</summary>
    public IPAddress? Take()
    {
        // After a change the next ones in order may be in use, or given back before their turn came.
        while (TryNextUnused(out var number) || _returned.TryDequeue(out number))
        {
            if (_ranges.Any(range => number >= range.FirstNumber && number <= range.LastNumber) && _taken.Add(number))
                return AddressRange.FromNumber(number);
        }

        return null;
    }

    /// <summary>Gives an address back. False, and nothing changes: it was not taken (given back before, or not of this pool).</summary>
    public bool GiveBack(IPAddress address)
    {
        if (!AddressRange.TryNumber(address, out var number) || !_taken.Remove(number))
            return false;
        _returned.Enqueue(number);
        return true;
    }

    private bool TryNextUnused(out uint number)
    {
        while (_range < _ranges.Count)
        {
            if (_next <= _ranges[_range].LastNumber)
            {
                number = (uint)_next++;
                return true;
            }

            if (++_range < _ranges.Count)
                _next = _ranges[_range].FirstNumber;
        }

        number = 0;
        return false;
    }
}
