namespace L2tpd.Linux.Loop;

/// <summary>Registrations by a token of slot and generation. An event for a slot's former owner finds none.</summary>
internal sealed class RegistrationTable
{
    private readonly List<LoopRegistration?> _slots = [];
    private readonly List<uint> _generations = [];
    private readonly Stack<int> _free = new();

    public int TakeSlot()
    {
        if (_free.TryPop(out var slot))
            return slot;
        _slots.Add(null);
        _generations.Add(0);
        return _slots.Count - 1;
    }

    public void Set(LoopRegistration registration) => _slots[registration.Slot] = registration;

    public void Release(int slot)
    {
        _slots[slot] = null;
        _generations[slot]++;
        _free.Push(slot);
    }

    public ulong Token(int slot) => ((ulong)_generations[slot] << 32) | (uint)slot;

    public LoopRegistration? Find(ulong token)
    {
        var slot = (int)(uint)token;
        return slot < _slots.Count && _generations[slot] == (uint)(token >> 32) ? _slots[slot] : null;
    }
}
