using System.Numerics;
using System.Runtime.CompilerServices;
using L2tpd.Engine.Addressing;
using L2tpd.Protocol;

namespace L2tpd.Engine.Admission;

/// <summary>
/// The SCCRQs that wait for their SCCCN, which forged sources can fill. Two rings in order of arrival, one of records and one of the octets
/// of the SCCRQs: the newest replaces the oldest at a cost that does not depend on their number (ADR 3). The rings double up to their
/// bounds, and their memory is released when the last request has left.
/// </summary>
/// <param name="most">The largest number of records.</param>
/// <param name="key">Secret of the hash tables: without it nobody can choose requests that fall into one chain.</param>
internal sealed class HalfOpenRequests(int most, ulong key) : IDeadlineItem
{
    private const int None = -1;
    private const int InitialRecords = 64;
    private const int InitialOctets = 8_192;

    /// <summary>Longer arrays are released when the last request leaves.</summary>
    private const int KeptRecords = 1_024;

    /// <summary>
    /// Entries of a chain that are searched for a repeated SCCRQ. A longer chain is an attack on one peer's id; the repeated SCCRQ then
    /// counts as a new one, which does no harm.
    /// </summary>
    private const int LongestSearch = 64;

    /// <summary>Octets of SCCRQ per record: most need a third of it, and long ones may take more.</summary>
    private const int OctetsPerRecord = 512;

    /// <summary>The smallest bound of the ring of SCCRQs, octets.</summary>
    private const int LeastOctets = 65_536;

    private int _most = most;
    private int _mostRecords = (int)BitOperations.RoundUpToPowerOf2((uint)most);
    private Slot[] _slots = [];
    private byte[] _octets = [];
    private int[] _byPeerEnd = [];
    private int[] _byLocalId = [];

    /// <summary>
    /// Numbers of all records ever added and of those that have left; the place of a record is its number modulo the length of the ring.
    /// </summary>
    private long _head;
    private long _tail;
    private long _octetHead;

    int IDeadlineItem.HeapIndex { get; set; }

    /// <summary>Requests waiting.</summary>
    public int Count { get; private set; }

    /// <summary>Requests that were replaced by newer ones.</summary>
    public long Evicted { get; private set; }

    /// <summary>Octets of memory the rings take.</summary>
    public long Memory => _octets.Length + (_slots.Length * (Unsafe.SizeOf<Slot>() + 8L));

    /// <summary>The place of the oldest request; -1 if there is none.</summary>
    public int Oldest => Count == 0 ? None : PlaceOf(_tail);

    /// <summary>The request at a place. Valid until the next is added.</summary>
    public ref readonly HalfOpenRequest this[int place] => ref _slots[place].Request;

    /// <summary>The octets of the SCCRQ at a place. Valid until the next is added.</summary>
    public ReadOnlySpan<byte> OctetsOf(int place) =>
        _octets.AsSpan((int)(_slots[place].Start & (_octets.Length - 1)), _slots[place].Length);

    private int MostOctets => Math.Max(LeastOctets, _mostRecords * OctetsPerRecord);

    /// <summary>Changes the bound; requests above it leave when the next one is added.</summary>
    public void SetMost(int most)
    {
        _most = most;
        _mostRecords = Math.Max(_slots.Length, (int)BitOperations.RoundUpToPowerOf2((uint)most));
    }

    /// <summary>Adds a request; the oldest leave where there is no room.</summary>
    /// <param name="request">The record.</param>
    /// <param name="octets">Its SCCRQ, 4,096 octets at most.</param>
    public void Add(in HalfOpenRequest request, ReadOnlySpan<byte> octets)
    {
        MakeRoom(octets.Length);
        var place = PlaceOf(_head++);
        _slots[place] = new Slot { Request = request, Start = StartFor(octets.Length), Length = octets.Length, IsWaiting = true };
        _octetHead = _slots[place].Start + octets.Length;
        octets.CopyTo(_octets.AsSpan((int)(_slots[place].Start & (_octets.Length - 1))));
        Count++;
        Link(place);
    }

    /// <summary>The place of the request that the same SCCRQ made; -1 if there is none.</summary>
    public int Find(in Endpoint remote, TunnelId peerId, ulong fingerprint)
    {
        if (Count == 0)
            return None;
        var place = _byPeerEnd[HashOf(remote, peerId)];
        for (var i = 0; place != None && i < LongestSearch; place = _slots[place].NextOfPeerEnd, i++)
        {
            ref readonly var request = ref _slots[place].Request;
            if (request.Fingerprint == fingerprint && request.PeerId == peerId && request.Path.Remote == remote)
                return place;
        }

        return None;
    }

    /// <summary>The place of the latest request of that address and peer id; -1 if there is none.</summary>
    public int FindPeerEnd(in Endpoint remote, TunnelId peerId)
    {
        if (Count == 0)
            return None;
        var place = _byPeerEnd[HashOf(remote, peerId)];
        for (var i = 0; place != None && i < LongestSearch; place = _slots[place].NextOfPeerEnd, i++)
        {
            if (_slots[place].Request.PeerId == peerId && _slots[place].Request.Path.Remote == remote)
                return place;
        }

        return None;
    }

    /// <summary>The place of the request of that source that has this id of ours; -1 if there is none.</summary>
    public int FindLocalId(in Endpoint remote, TunnelId localId)
    {
        if (Count == 0)
            return None;
        var place = _byLocalId[HashOf(localId)];
        while (place != None && (_slots[place].Request.LocalId != localId || _slots[place].Request.Path.Remote != remote))
            place = _slots[place].NextOfLocalId;
        return place;
    }

    /// <summary>Whether a request of any source has this id of ours.</summary>
    public bool HasLocalId(TunnelId localId)
    {
        if (Count == 0)
            return false;
        var place = _byLocalId[HashOf(localId)];
        while (place != None && _slots[place].Request.LocalId != localId)
            place = _slots[place].NextOfLocalId;
        return place != None;
    }

    public void Remove(int place)
    {
        Unlink(place);
        // A record that has left must not keep a profile alive that is no longer configured.
        _slots[place].Request = default;
        _slots[place].IsWaiting = false;
        Count--;
        while (_tail < _head && !_slots[PlaceOf(_tail)].IsWaiting)
            _tail++;
        if (Count == 0 && _slots.Length > KeptRecords)
            Clear();
    }

    /// <summary>Forgets all requests and releases the memory.</summary>
    public void Clear()
    {
        (_slots, _octets, _byPeerEnd, _byLocalId) = ([], [], [], []);
        (_head, _tail, _octetHead) = (0, 0, 0);
        Count = 0;
    }

    private int PlaceOf(long count) => (int)(count & (_slots.Length - 1));

    private void MakeRoom(int octets)
    {
        while (Count >= _most)
            EvictOldest();
        if (_slots.Length == 0)
            Begin();
        while (_head - _tail == _slots.Length)
        {
            if (_slots.Length < _mostRecords)
                GrowRecords();
            else
                EvictOldest();
        }

        while (!Fits(octets))
        {
            if (_octets.Length < MostOctets)
                GrowOctets();
            else
                EvictOldest();
        }
    }

    private void Begin()
    {
        _slots = new Slot[Math.Min(InitialRecords, _mostRecords)];
        _octets = new byte[Math.Min(InitialOctets, MostOctets)];
        (_byPeerEnd, _byLocalId) = (new int[_slots.Length], new int[_slots.Length]);
        Array.Fill(_byPeerEnd, None);
        Array.Fill(_byLocalId, None);
    }

    private void EvictOldest()
    {
        Evicted++;
        var memory = _slots;
        Remove(PlaceOf(_tail));
        // The eviction emptied the rings, and their memory was released.
        if (_slots.Length == 0 && memory.Length > 0)
            Begin();
    }

    private bool Fits(int octets) => Count == 0
        ? octets <= _octets.Length
        : StartFor(octets) + octets - _slots[PlaceOf(_tail)].Start <= _octets.Length;

    /// <summary>An SCCRQ is stored in one piece: the end of the ring is skipped where it is too short.</summary>
    private long StartFor(int octets)
    {
        var left = _octets.Length - (int)(_octetHead & (_octets.Length - 1));
        return octets <= left ? _octetHead : _octetHead + left;
    }

    private void GrowOctets()
    {
        var larger = new byte[Math.Min(_octets.Length * 2, MostOctets)];
        long head = 0;
        for (var count = _tail; count < _head; count++)
        {
            ref var slot = ref _slots[PlaceOf(count)];
            if (slot.IsWaiting)
                OctetsOf(PlaceOf(count)).CopyTo(larger.AsSpan((int)head));
            slot.Start = head;
            head += slot.IsWaiting ? slot.Length : 0;
        }

        (_octets, _octetHead) = (larger, head);
    }

    private void GrowRecords()
    {
        var former = _slots;
        _slots = new Slot[former.Length * 2];
        (_byPeerEnd, _byLocalId) = (new int[_slots.Length], new int[_slots.Length]);
        Array.Fill(_byPeerEnd, None);
        Array.Fill(_byLocalId, None);
        for (var count = _tail; count < _head; count++)
        {
            var place = PlaceOf(count);
            _slots[place] = former[(int)(count & (former.Length - 1))];
            if (_slots[place].IsWaiting)
                Link(place);
        }
    }

    private void Link(int place)
    {
        ref var slot = ref _slots[place];
        ref var ofPeerEnd = ref _byPeerEnd[HashOf(slot.Request.Path.Remote, slot.Request.PeerId)];
        (slot.NextOfPeerEnd, slot.FormerOfPeerEnd) = (ofPeerEnd, None);
        if (ofPeerEnd != None)
            _slots[ofPeerEnd].FormerOfPeerEnd = place;
        ofPeerEnd = place;
        ref var ofLocalId = ref _byLocalId[HashOf(slot.Request.LocalId)];
        (slot.NextOfLocalId, slot.FormerOfLocalId) = (ofLocalId, None);
        if (ofLocalId != None)
            _slots[ofLocalId].FormerOfLocalId = place;
        ofLocalId = place;
    }

    private void Unlink(int place)
    {
        ref var slot = ref _slots[place];
        if (slot.FormerOfPeerEnd == None)
            _byPeerEnd[HashOf(slot.Request.Path.Remote, slot.Request.PeerId)] = slot.NextOfPeerEnd;
        else
            _slots[slot.FormerOfPeerEnd].NextOfPeerEnd = slot.NextOfPeerEnd;
        if (slot.NextOfPeerEnd != None)
            _slots[slot.NextOfPeerEnd].FormerOfPeerEnd = slot.FormerOfPeerEnd;
        if (slot.FormerOfLocalId == None)
            _byLocalId[HashOf(slot.Request.LocalId)] = slot.NextOfLocalId;
        else
            _slots[slot.FormerOfLocalId].NextOfLocalId = slot.NextOfLocalId;
        if (slot.NextOfLocalId != None)
            _slots[slot.NextOfLocalId].FormerOfLocalId = slot.FormerOfLocalId;
    }

    private int HashOf(in Endpoint remote, TunnelId id)
    {
        var address = (ulong)remote.Address ^ BitOperations.RotateLeft((ulong)(remote.Address >> 64) * 0x9E3779B97F4A7C15, 31);
        var x = Mix(address ^ key ^ ((ulong)remote.Mark << 32)) ^ (((ulong)id.Value << 32) | remote.Port);
        return (int)(Mix(x ^ BitOperations.RotateLeft(key, 32)) & (ulong)(_byPeerEnd.Length - 1));
    }

    /// <summary>Our ids are drawn, so their chains are short without the source.</summary>
    private int HashOf(TunnelId localId) => (int)(Mix(localId.Value ^ key) & (ulong)(_byLocalId.Length - 1));

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    private struct Slot
    {
        public HalfOpenRequest Request;
        public long Start;
        public int Length;
        public int NextOfPeerEnd;
        public int FormerOfPeerEnd;
        public int NextOfLocalId;
        public int FormerOfLocalId;
        public bool IsWaiting;
    }
}
