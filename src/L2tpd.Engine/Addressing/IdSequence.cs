using System.Buffers.Binary;
using L2tpd.Engine.Snapshots;
using L2tpd.Protocol;

namespace L2tpd.Engine.Addressing;

/// <summary>
/// Draws tunnel or session ids: unpredictable from outside (l2tpv2.md section 1), none twice before all others were drawn, so that
/// a late packet of an ended session finds nobody for as long as possible. v2 ids are 1 to 65,535, v3 ids 1 to
/// 4,294,967,295. A counter goes through the space, and a permutation under a secret key makes each count an id; 16 octets of
/// state. Mutable: keep it in a field that is not readonly.
/// </summary>
public struct IdSequence
{
    /// <summary>Ids tried before the space counts as full: one walk of v2's; in v3's that many in a row in use means the same.</summary>
    private const int MaximumTries = IdsOfV2;

    private const int IdsOfV2 = 65_536;

    /// <summary>A Feistel network needs four rounds to look random; halves as short as eight bits deserve some more.</summary>
    private const int Rounds = 8;

    private readonly ulong _key;
    private readonly bool _isWide;
    private uint _count;

    /// <summary>A sequence of its own order. Ids of <paramref name="version"/>'s width.</summary>
    public IdSequence(ProtocolVersion version, IRandomSource random)
    {
        Span<byte> octets = stackalloc byte[sizeof(ulong)];
        random.Fill(octets);
        _key = BinaryPrimitives.ReadUInt64BigEndian(octets);
        _isWide = version == ProtocolVersion.V3;
    }

    /// <summary>The sequence of a snapshot, which goes on.</summary>
    internal IdSequence(IdSequenceSnapshot snapshot) => (_key, _isWide, _count) = (snapshot.Key, snapshot.IsWide, snapshot.Count);

    /// <summary>
    /// Every id of v2's width was drawn: the next ones come in an order that was seen already, so that a new sequence should take over.
    /// </summary>
    public readonly bool HasWrapped => !_isWide && _count >= IdsOfV2;

    /// <summary>Draws the next id that is not in use; false, and id 0, when the space is full. Tries at most 65,536 ids.</summary>
    /// <param name="context">Handed to <paramref name="isInUse"/>, so that it can be a static lambda that allocates nothing.</param>
    /// <param name="isInUse">True for an id that must be passed over.</param>
    /// <param name="id">The id, never 0 on success.</param>
    public bool TryNext<TContext>(TContext context, Func<TContext, uint, bool> isInUse, out uint id)
    {
        for (var tries = 0; tries < MaximumTries; tries++)
        {
            id = Permute(_count++);
            if (id != 0 && !isInUse(context, id))
                return true;
        }

        id = 0;
        return false;
    }

    internal readonly IdSequenceSnapshot ToSnapshot() => new(_key, _isWide, _count);

    private readonly uint Permute(uint count)
    {
        var half = _isWide ? 16 : 8;
        var mask = (1u << half) - 1;
        var left = (count >> half) & mask;
        var right = count & mask;
        for (var round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (Mix(right, round) & mask));
        return (left << half) | right;
    }

    /// <summary>A 64-bit hash of key, round and half: any function does in a Feistel network, a scattering one hides the key.</summary>
    private readonly uint Mix(uint half, int round)
    {
        var x = _key ^ (((ulong)round << 32) | half);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27) ^ _key) * 0x94D049BB133111EB;
        return (uint)((x ^ (x >> 31)) >> 16);
    }
}
