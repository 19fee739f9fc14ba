#include <xgrad/inspect/drawing/layout.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace xgrad::detail
{

namespace
{

using Node = Figure::Node;
constexpr std::size_t none = Graph::none;

constexpr double row_distance = 56, gap = 16, padding = 14, title_height = 24, band_distance = 18, column_distance = 56,
                 margin = 24, lean = 120; // lean: the pull of each edge to the other column

/** The number of rows that an edge passes between nodes. A longer one would make room in all of them; it passes behind
 *  the nodes. */
constexpr std::size_t longest_detour = 24;

/** The width of a node: that of its text in a sans-serif font. */
double width_of(const Node& node)
{
    const auto letters = [](const std::string& text) {
        return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }); // of UTF-8
    };
    return 18 + 6.5 * static_cast<double>(std::max(letters(node.text), letters(node.shape)));
}

bool are_together(const Node& a, const Node& b) { return a.layer == b.layer && a.backward == b.backward; }

/** The number of nodes of its layer that lie one behind the other before each node. */
std::vector<std::size_t> depths_of(const Figure& figure)
{
    const std::vector<Node>& nodes = figure.nodes;
    std::vector<std::size_t> depths(nodes.size()), first_use(nodes.size(), none);
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const std::size_t input : nodes[i].inputs)
            if (are_together(nodes[i], nodes[input]))
                depths[i] = std::max(depths[i], depths[input] + 1);
    for (std::size_t i = nodes.size(); i-- > 0;) {
        if (first_use[i] != none &&
            std::none_of(nodes[i].inputs.begin(), nodes[i].inputs.end(),
                         [&](std::size_t input) { return nodes[input].backward == nodes[i].backward; }))
            depths[i] = first_use[i] - 1; // just before it is needed
        for (const std::size_t input : nodes[i].inputs)
            if (are_together(nodes[i], nodes[input]))
                first_use[input] = std::min(first_use[input], depths[i]);
    }
    return depths;
}

/** The rows of the nodes, and the first row of each layer. */
struct Rows
{
    std::vector<std::size_t> of_nodes, begins; // `begins` has one element more than there are layers

    explicit Rows(const Figure& figure) : of_nodes(depths_of(figure)), begins(figure.layers.size() + 1)
    {
        for (std::size_t i = 0; i < figure.nodes.size(); ++i) {
            std::size_t& count = begins[figure.nodes[i].layer + 1];
            count = std::max(count, of_nodes[i] + 1);
        }
        for (std::size_t layer = 0; layer < figure.layers.size(); ++layer)
            begins[layer + 1] += begins[layer];
        for (std::size_t i = 0; i < figure.nodes.size(); ++i) {
            const Node& node = figure.nodes[i];
            of_nodes[i] = node.backward ? begins[node.layer + 1] - 1 - of_nodes[i] : begins[node.layer] + of_nodes[i];
        }
    }
    std::size_t count() const { return begins.back(); }
};

/** True for the nodes on the way from a layer through another one to a third; all other nodes go beside them. */
std::vector<bool> trunk_of(const Figure& figure)
{
    const std::vector<Node>& nodes = figure.nodes;
    std::vector<bool> comes_in(nodes.size()), leads_out(nodes.size());
    for (std::size_t i = 0; i < nodes.size(); ++i)
        for (const std::size_t input : nodes[i].inputs)
            if (nodes[input].backward == nodes[i].backward)
                comes_in[i] = comes_in[i] || comes_in[input] || nodes[input].layer != nodes[i].layer;
    for (std::size_t i = nodes.size(); i-- > 0;)
        for (const std::size_t input : nodes[i].inputs)
            if (nodes[input].backward == nodes[i].backward)
                leads_out[input] = leads_out[input] || leads_out[i] || nodes[input].layer != nodes[i].layer;
    for (std::size_t i = 0; i < nodes.size(); ++i)
        comes_in[i] = comes_in[i] && leads_out[i];
    return comes_in;
}

/** The forward or the backward part. An edge that passes rows, unless they are too many, has an item in each of them.
 */
class Column
{
  public:
    Column(const Figure& figure, const Rows& rows, bool backward)
        : figure_(figure), rows_(rows.count()), items_of_nodes_(figure.nodes.size(), none)
    {
        const std::vector<bool> is_trunk = trunk_of(figure);
        for (std::size_t i = 0; i < figure.nodes.size(); ++i)
            if (figure.nodes[i].backward == backward) {
                items_of_nodes_[i] = add_item(rows.of_nodes[i], width_of(figure.nodes[i]), is_trunk[i] ? 1 : 0.05);
                for (const std::size_t input : figure.nodes[i].inputs)
                    if (holds(input))
                        add_edge(input, i);
                    else
                        items_[items_of_nodes_[i]].lean -= lean;
            } else {
                for (const std::size_t input : figure.nodes[i].inputs)
                    if (holds(input))
                        items_[items_of_nodes_[input]].lean += lean;
            }
        for (int sweep = 0; sweep < 32; ++sweep)
            arrange(sweep % 2 == 0, sweep >= 16, sweep < 16);
        arrange(!backward, false, false); // as straight as possible
    }

    bool is_empty() const { return items_.empty(); }
    bool holds(std::size_t node) const { return items_of_nodes_[node] != none; }

    /** Moves all items to the right of `left`. @return  the right end */
    double move_to(double left)
    {
        double first = 1e30, last = -1e30;
        for (const Item& item : items_) {
            first = std::min(first, item.x - item.width / 2);
            last = std::max(last, item.x + item.width / 2);
        }
        for (Item& item : items_)
            item.x = std::round(item.x + left - first);
        return left + last - first;
    }

    void place(const std::vector<double>& row_middles, Layout& layout) const
    {
        for (std::size_t i = 0; i < figure_.nodes.size(); ++i)
            if (holds(i)) {
                const Item& item = items_[items_of_nodes_[i]];
                layout.nodes[i] = {item.x - item.width / 2, row_middles[item.row] - Layout::node_height / 2, item.width,
                                   Layout::node_height};
            }
        const std::vector<double> entries_of_edges = entries();
        for (std::size_t i = 0; i < edges_.size(); ++i)
            layout.edges.push_back(
                {edges_[i].from, edges_[i].to, points_of(edges_[i], entries_of_edges[i], row_middles), false});
    }

  private:
    struct Link
    {
        std::size_t item;
        double strength;
    };
    struct Item
    {
        std::size_t row;
        double width, strength;           // strength of its wish to be straight above or below its neighbours
        double x = 0, wish = 0, lean = 0; // lean: its pull towards the other column
        std::vector<Link> links = {};
    };
    struct Edge
    {
        std::size_t from, to;
        std::vector<std::size_t> items; // one for each row
    };

    std::size_t add_item(std::size_t row, double width, double strength)
    {
        items_.push_back({row, width, strength});
        rows_[row].push_back(items_.size() - 1);
        return items_.size() - 1;
    }

    void add_edge(std::size_t from, std::size_t to)
    {
        Edge edge{from, to, {items_of_nodes_[from]}};
        const std::size_t last = items_of_nodes_[to], end = items_[last].row;
        std::size_t row = items_[edge.items[0]].row;
        if (std::max(row, end) - std::min(row, end) > longest_detour)
            row = end > row ? end - 1 : end + 1;
        while (row != end) {
            row += row < end ? 1 : std::size_t(-1);
            const std::size_t item = row == end ? last : add_item(row, 8, 1);
            link(edge.items.back(), item);
            edge.items.push_back(item);
        }
        edges_to_[to].push_back(edges_.size());
        edges_.push_back(std::move(edge));
    }

    void link(std::size_t a, std::size_t b)
    {
        const double strength = items_[a].strength * items_[b].strength;
        items_[a].links.push_back({b, strength});
        items_[b].links.push_back({a, strength});
    }

    /** Moves each item, row after row, as near as possible to the middle of its neighbours in the row before, or in
     *  both rows beside its own. Items that change places within a row untangle the edges. */
    void arrange(bool downward, bool in_both, bool may_swap)
    {
        for (std::size_t step = 0; step < rows_.size(); ++step) {
            std::vector<std::size_t>& row = rows_[downward ? step : rows_.size() - 1 - step];
            for (const std::size_t i : row) {
                Item& item = items_[i];
                double sum = 0, strength = 0;
                for (const Link& link : item.links)
                    if (in_both || (items_[link.item].row < item.row) == downward) {
                        sum += link.strength * items_[link.item].x;
                        strength += link.strength;
                    }
                item.wish = strength > 0 ? sum / strength : item.x;
            }
            if (may_swap)
                std::stable_sort(row.begin(), row.end(), [&](std::size_t a, std::size_t b) {
                    return items_[a].wish + items_[a].lean < items_[b].wish + items_[b].lean;
                });
            settle(row);
        }
    }

    /** Fulfils the wishes of a row, in its order and without overlaps, with the least sum of squared deviations. Items
     *  that would overlap form a block, which goes to the mean of their wishes. */
    void settle(const std::vector<std::size_t>& row)
    {
        struct Block
        {
            double sum, strength;
            std::size_t count;
            double wish() const { return sum / strength; }
        };
        std::vector<Block> blocks;
        std::vector<double> offsets;
        for (const std::size_t i : row) {
            const Item& item = items_[i];
            offsets.push_back(
                offsets.empty() ? 0 : offsets.back() + gap + (item.width + items_[row[offsets.size() - 1]].width) / 2);
            blocks.push_back({item.strength * (item.wish - offsets.back()), item.strength, 1});
            while (blocks.size() > 1 && blocks[blocks.size() - 2].wish() > blocks.back().wish()) {
                const Block last = blocks.back();
                blocks.pop_back();
                blocks.back().sum += last.sum;
                blocks.back().strength += last.strength;
                blocks.back().count += last.count;
            }
        }
        std::size_t place = 0;
        for (const Block& block : blocks)
            for (std::size_t k = 0; k < block.count; ++k, ++place)
                items_[row[place]].x = block.wish() + offsets[place];
    }

    /** The x at which each edge enters its node: edges enter side by side, in the order of their origins. */
    std::vector<double> entries() const
    {
        std::vector<double> entries(edges_.size());
        for (const auto& [node, all] : edges_to_) {
            std::vector<std::pair<double, std::size_t>> origins;
            for (const std::size_t edge : all) {
                const std::vector<std::size_t>& items = edges_[edge].items;
                origins.emplace_back(items_[items[items.size() - 2]].x, edge);
            }
            std::sort(origins.begin(), origins.end());
            const Item& item = items_[items_of_nodes_[node]];
            const auto count = static_cast<double>(origins.size());
            const double distance = std::min(20.0, (item.width - 12) / count);
            for (std::size_t i = 0; i < origins.size(); ++i)
                entries[origins[i].second] = item.x + (static_cast<double>(i) - (count - 1) / 2) * distance;
        }
        return entries;
    }

    std::vector<Point> points_of(const Edge& edge, double entry, const std::vector<double>& row_middles) const
    {
        std::vector<Point> points;
        for (const std::size_t i : edge.items)
            points.push_back({items_[i].x, row_middles[items_[i].row]});
        const bool down = points.back().y > points.front().y;
        points.front().y += (down ? 1 : -1) * Layout::node_height / 2;
        points.back() = {entry, points.back().y - (down ? 1 : -1) * Layout::node_height / 2};
        return points;
    }

    const Figure& figure_;
    std::vector<Item> items_;
    std::vector<std::vector<std::size_t>> rows_;
    std::vector<std::size_t> items_of_nodes_;
    std::vector<Edge> edges_;
    std::map<std::size_t, std::vector<std::size_t>> edges_to_; // the edges to each node
};

/** Adds the edges between the columns, from the right of one node to the left of the other. */
void connect(const Figure& figure, Layout& layout)
{
    for (std::size_t i = 0; i < figure.nodes.size(); ++i) {
        double y = layout.nodes[i].top + Layout::node_height / 2;
        for (const std::size_t input : figure.nodes[i].inputs)
            if (figure.nodes[i].backward != figure.nodes[input].backward) {
                const Layout::Box& from = layout.nodes[input];
                layout.edges.push_back(
                    {input,
                     i,
                     {{from.left + from.width, from.top + from.height / 2}, {layout.nodes[i].left, y}},
                     true});
                y += 7; // the next edge ends below
            }
    }
}

} // namespace

Layout layout_of(const Figure& figure)
{
    const Rows rows(figure);
    Layout layout;
    layout.nodes.resize(figure.nodes.size());
    std::vector<Column> columns;
    std::vector<double> lefts, rights;
    for (const bool backward : {false, true}) {
        Column column(figure, rows, backward);
        if (column.is_empty())
            continue;
        lefts.push_back(backward ? rights[0] + column_distance : margin);
        rights.push_back(column.move_to(lefts.back() + padding) + padding);
        columns.push_back(std::move(column));
    }
    layout.width = rights.back() + margin;

    std::vector<bool> is_there(2 * figure.layers.size()); // each layer, forward and backward
    for (const Figure::Node& node : figure.nodes)
        is_there[2 * node.layer + node.backward] = true;
    std::vector<double> row_middles(rows.count());
    double y = margin;
    for (std::size_t layer = 0; layer < figure.layers.size(); ++layer) {
        const std::string& name = figure.layers[layer];
        const std::size_t begin = rows.begins[layer], end = rows.begins[layer + 1];
        if (begin == end)
            continue;
        const double top = y;
        y += name.empty() ? 0 : title_height;
        for (std::size_t row = begin; row < end; ++row, y += row_distance)
            row_middles[row] = y + Layout::node_height / 2;
        y += Layout::node_height - row_distance + padding;
        for (const bool backward : {false, true})
            if (!name.empty() && is_there[2 * layer + backward])
                layout.clusters.push_back({name + (backward ? ", backward" : ""),
                                           {lefts[backward], top, rights[backward] - lefts[backward], y - top}});
        y += band_distance;
    }
    layout.height = y - band_distance + margin;
    for (const Column& column : columns)
        column.place(row_middles, layout);
    connect(figure, layout);
    return layout;
}

} // namespace xgrad::detail
