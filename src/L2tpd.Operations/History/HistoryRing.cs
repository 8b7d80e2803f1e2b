namespace L2tpd.Operations.History;

/// <summary>The last records, oldest overwritten first. Not thread-safe.</summary>
internal sealed class HistoryRing(int capacity)
{
    private readonly HistoryRecord[] _records = new HistoryRecord[capacity];
    private long _added;

    public int Count => (int)Math.Min(_added, _records.Length);

    public void Add(in HistoryRecord record) => _records[(int)(_added++ % _records.Length)] = record;

    /// <summary>The record <paramref name="age"/> places before the latest; 0 is the latest.</summary>
    public ref readonly HistoryRecord Latest(int age) => ref _records[(int)((_added - 1 - age) % _records.Length)];
}
