using System.Numerics;
using L2tpd.Engine.Addressing;

namespace L2tpd.Engine.Admission;

/// <summary>
/// The SCCRQs that wait for their SCCCN: what forged sources can fill. Two rings, one of records and one of the octets of the SCCRQs, both in order
/// of arrival, so that the oldest gives way to the newest at a cost that does not depend on their number (ADR 70). The rings grow by doubling up
/// to their bounds and are given back when the last request has left.
/// </summary>
/// <param name="most">Records at most.</param>
/// <param name="key">Secret of the hash tables: without it nobody can choose requests that fall into one chain.</param>
internal sealed class HalfOpenRequests(int most, ulong key) : IDeadlineItem
{
    private const int None = -1;
    private const int InitialRecords = 64;
    private const int InitialOctets = 8_192;

    /// <summary>Arrays longer than this are given back when the last request leaves.</summary>
    private const int KeptRecords = 1_024;

    /// <summary>
    /// How far a chain is searched for a repeated SCCRQ. A longer chain is an attack on one peer's end; the repeated SCCRQ is then taken for a new one,
    /// which is as good.
    /// </summary>
    private const int LongestSearch = 64;

    /// <summary>Room for SCCRQs, octets a record: most take a third of it, and long ones may take more.</summary>
    private const int OctetsPerRecord = 512;

    /// <summary>Octets of SCCRQs that are always room for.</summary>
    private const int LeastOctets = 65_536;

    private int _most = most;
    private int _mostRecords = (int)BitOperations.RoundUpToPowerOf2((uint)most);
    private Slot[] _slots = [];
    private byte[] _octets = [];
    private int[] _byPeerEnd = [];
    private int[] _byLocalId = [];

    /// <summary>Counts of all records ever added, and of those no longer in the ring; a record's place is its count modulo the ring's length.</summary>
    private long _head;
    private long _tail;
    private long _octetHead;

    int IDeadlineItem.HeapIndex { get; set; }

    /// <summary>Requests waiting.</summary>
    public int Count { get; private set; }

    /// <summary>Requests that gave way to newer ones.</summary>
    public long Evicted { get; private set; }

    /// <summary>Octets of memory the rings take.</summary>
    public long Memory => _octets.Length + ((long)_slots.Length * System.Runtime.CompilerServices.Unsafe.SizeOf<Slot>()) + (8L * _slots.Length);

    /// <summary>The place of the oldest; -1: there is none.</summary>
    public int Oldest => Count == 0 ? None : PlaceOf(_tail);

    /// <summary>The request at a place. Valid until the next is added.</summary>
    public ref readonly HalfOpenRequest this[int place] => ref _slots[place].Request;

    /// <summary>The octets of the SCCRQ at a place. Valid until the next is added.</summary>
    public ReadOnlySpan<byte> OctetsOf(int place) => _octets.AsSpan((int)(_slots[place].Start & (_octets.Length - 1)), _slots[place].Length);

    private int MostOctets => Math.Max(LeastOctets, _mostRecords * OctetsPerRecord);

    /// <summary>Takes another bound over; what is over it goes with the next that is added.</summary>
    public void SetMost(int most) => (_most, _mostRecords) = (most, Math.Max(_slots.Length, (int)BitOperations.RoundUpToPowerOf2((uint)most)));

    /// <summary>Adds a request; the oldest give way where there is no room.</summary>
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

    /// <summary>The place of the request that such an SCCRQ made; -1: there is none.</summary>
    public int Find(in Endpoint remote, uint peerId, ulong fingerprint)
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

    /// <summary>The place of the latest request whose other end is that one; -1: there is none.</summary>
    public int FindPeerEnd(in Endpoint remote, uint peerId)
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

    /// <summary>The place of the request of that source that was given that id of ours; -1: there is none.</summary>
    public int FindLocalId(in Endpoint remote, uint localId)
    {
        if (Count == 0)
            return None;
        var place = _byLocalId[HashOf(remote, localId)];
        while (place != None && (_slots[place].Request.LocalId != localId || _slots[place].Request.Path.Remote != remote))
            place = _slots[place].NextOfLocalId;
        return place;
    }

    public void Remove(int place)
    {
        Unlink(place);
        // References of a record that has left would keep a profile that is no longer configured.
        _slots[place].Request = default;
        _slots[place].IsWaiting = false;
        Count--;
        while (_tail < _head && !_slots[PlaceOf(_tail)].IsWaiting)
            _tail++;
        if (Count == 0 && _slots.Length > KeptRecords)
            Clear();
    }

    /// <summary>Forgets all requests and gives the memory back.</summary>
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
        // Emptied by the eviction and given back: begun again.
        if (_slots.Length == 0 && memory.Length > 0)
            Begin();
    }

    private bool Fits(int octets) => Count == 0
        ? octets <= _octets.Length
        : StartFor(octets) + octets - _slots[PlaceOf(_tail)].Start <= _octets.Length;

    /// <summary>An SCCRQ lies in one piece: what is left at the end of the ring is skipped where it is too short.</summary>
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
        ref var ofLocalId = ref _byLocalId[HashOf(slot.Request.Path.Remote, slot.Request.LocalId)];
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
            _byLocalId[HashOf(slot.Request.Path.Remote, slot.Request.LocalId)] = slot.NextOfLocalId;
        else
            _slots[slot.FormerOfLocalId].NextOfLocalId = slot.NextOfLocalId;
        if (slot.NextOfLocalId != None)
            _slots[slot.NextOfLocalId].FormerOfLocalId = slot.FormerOfLocalId;
    }

    private int HashOf(in Endpoint remote, uint id)
    {
        var address = (ulong)remote.Address ^ BitOperations.RotateLeft((ulong)(remote.Address >> 64) * 0x9E3779B97F4A7C15, 31);
        var x = Mix(address ^ key) ^ (((ulong)id << 32) | remote.Port);
        return (int)(Mix(x ^ BitOperations.RotateLeft(key, 32)) & (ulong)(_byPeerEnd.Length - 1));
    }

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
