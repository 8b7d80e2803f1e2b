using System.Numerics;

namespace L2tpd.PppHosting.Userspace;

/// <summary>
/// Finds the longest prefix that contains an address. One dictionary per prefix length in use, of which subscribers have few: a look-up
/// costs one hash for each. Not for several threads.
/// </summary>
/// <typeparam name="TAddress">The address as a number, the first octet highest.</typeparam>
/// <typeparam name="TValue">What a prefix leads to.</typeparam>
internal sealed class PrefixTable<TAddress, TValue>(int addressBits)
    where TAddress : struct, IBinaryInteger<TAddress>
    where TValue : class
{
    // The longest prefix first.
    private Level[] _levels = [];

    /// <summary>Number of prefixes.</summary>
    public int Count => _levels.Sum(static level => level.Entries.Count);

    /// <summary>Whether addresses are found at all.</summary>
    public bool IsEmpty => _levels.Length == 0;

    /// <summary>Adds a prefix.</summary>
    /// <param name="network">Its address; what is behind the prefix is ignored.</param>
    /// <param name="length">Prefix length in bits.</param>
    /// <param name="value">What it leads to.</param>
    /// <returns>False if the prefix is there already.</returns>
    public bool TryAdd(TAddress network, int length, TValue value)
    {
        var level = Array.Find(_levels, level => level.Length == length);
        if (level is null)
        {
            level = new Level(length, MaskOf(length));
            _levels = [.. _levels.Append(level).OrderByDescending(static level => level.Length)];
        }

        return level.Entries.TryAdd(network & level.Mask, value);
    }

    /// <summary>Removes a prefix that leads to the value.</summary>
    /// <returns>False if there is none.</returns>
    public bool Remove(TAddress network, int length, TValue value)
    {
        var level = Array.Find(_levels, level => level.Length == length);
        if (level is null || !level.Entries.TryGetValue(network & level.Mask, out var found) || !ReferenceEquals(found, value))
            return false;
        level.Entries.Remove(network & level.Mask);
        if (level.Entries.Count == 0)
            _levels = Array.FindAll(_levels, other => other != level);
        return true;
    }

    /// <summary>What the longest prefix with the address leads to; <c>null</c>: none contains it.</summary>
    public TValue? Find(TAddress address)
    {
        foreach (var level in _levels)
        {
            if (level.Entries.TryGetValue(address & level.Mask, out var value))
                return value;
        }

        return null;
    }

    private TAddress MaskOf(int length) => length == 0 ? TAddress.Zero : TAddress.AllBitsSet << (addressBits - length);

    private sealed class Level(int length, TAddress mask)
    {
        public int Length => length;

        public TAddress Mask => mask;

        public Dictionary<TAddress, TValue> Entries { get; } = [];
    }
}
