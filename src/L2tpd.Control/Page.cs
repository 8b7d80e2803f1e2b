namespace L2tpd.Control;

/// <summary>One page of a list.</summary>
/// <param name="Items">At most <see cref="ControlRoutes.MaxPageSize"/> entries.</param>
/// <param name="Next">Pass it as <c>after</c> to get the next page; <c>null</c> if this is the last. Its form is not specified.</param>
/// <remarks>
/// A list is a walk, not a snapshot: an entry that exists throughout is seen exactly once; one that starts or ends between two pages may be
/// seen or not.
/// </remarks>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);
