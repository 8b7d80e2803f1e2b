namespace L2tpd.Linux.Loop;

/// <summary>Registrations by a token of slot and generation. An event for a slot's former owner finds none.</summary>
internal sealed class RegistrationTable
{
    private readonly List<LoopRegistration?> slots = [];
    private readonly List<uint> generations = [];
    private readonly Stack<int> free = new();

    public int TakeSlot()
    {
        if (free.TryPop(out var slot))
            return slot;
        slots.Add(null);
        generations.Add(0);
        return slots.Count - 1;
    }

    public void Set(LoopRegistration registration) => slots[registration.Slot] = registration;

    public void Release(int slot)
    {
        slots[slot] = null;
        generations[slot]++;
        free.Push(slot);
    }

    public ulong Token(int slot) => ((ulong)generations[slot] << 32) | (uint)slot;

    public LoopRegistration? Find(ulong token)
    {
        var slot = (int)(uint)token;
        return slot < slots.Count && generations[slot] == (uint)(token >> 32) ? slots[slot] : null;
    }
}
