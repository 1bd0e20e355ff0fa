import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.Frame;
import java.awt.Window;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import javax.swing.AbstractButton;
import javax.swing.Action;
import javax.swing.JComboBox;
import javax.swing.JLabel;
import javax.swing.JMenu;
import javax.swing.JMenuItem;
import javax.swing.JTabbedPane;
import javax.swing.JTable;
import javax.swing.JTextField;
import javax.swing.JTree;
import javax.swing.SwingUtilities;
import javax.swing.text.JTextComponent;

/**
 * Starts a Swing program in this virtual machine and does in its windows what a person would, by the words on them.
 *
 * <p>Usage: java -cp PROGRAM.jar Driver.java MAIN-CLASS ARGUMENTS…. Each line of standard input is a command with its
 * operands between tabs; each is answered by one line that begins with "ok", "no" (not there yet: ask again) or
 * "failed". Nothing here waits: the one who asks does.
 */
public final class Driver {
  private static Window window;

  public static void main(String[] words) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Class<?> program = Class.forName(words[0]);
    String[] rest = Arrays.copyOfRange(words, 1, words.length);
    new Thread(() -> start(program, rest), "program").start();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] command = line.split("\t", -1);
      answers.println(answer(command).replace('\n', ' ').replace('\r', ' '));
      answers.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void start(Class<?> program, String[] words) {
    try {
      program.getMethod("main", String[].class).invoke(null, (Object) words);
    } catch (ReflectiveOperationException error) {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  private static String answer(String[] command) {
    try {
      var task = new FutureTask<>((Callable<String>) () -> run(command));
      SwingUtilities.invokeAndWait(task);
      return task.get();
    } catch (Exception error) {
      return "failed " + error + " " + error.getCause();
    }
  }

  private static String run(String[] command) {
    switch (command[0]) {
      case "window":
        return toWindow(command[1]);
      case "windows":
        return "ok " + titles();
      case "press":
        return press(command[1]);
      case "fill":
        return fill(command[1], command[2]);
      case "write":
        return write(command[1]);
      case "choose":
        return choose(command[1], command[2]);
      case "tab":
        return tab(command[1]);
      case "text":
        return "ok " + text(window);
      case "rows":
        return rows(Integer.parseInt(command[1]));
      case "select":
        return select(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
      case "nodes":
        return nodes();
      case "place":
        for (Window one : Window.getWindows()) {
          if (one != window && one.isShowing()) {
            one.toBack(); // without a window manager, some stay in front
          }
        }
        window.setBounds(0, 0, Integer.parseInt(command[1]), Integer.parseInt(command[2]));
        window.toFront();
        return "ok";
      case "move":
        window.setLocation(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
        window.toFront();
        return "ok";
      case "close":
        window.dispose();
        return "ok";
      default:
        return "failed: there is no command " + command[0];
    }
  }

  private static String toWindow(String title) {
    for (Window one : Window.getWindows()) {
      if (one.isShowing() && (title.isEmpty() ? title(one).isEmpty() : title(one).contains(title))) {
        window = one;
        return "ok " + title(one);
      }
    }
    return "no window " + title + " among " + titles();
  }

  private static String press(String words) {
    var button = first(AbstractButton.class, one -> named(one, words) && (one.isShowing() || one instanceof JMenuItem));
    if (button == null || !button.isEnabled()) {
      return "no button " + words + (button == null ? "" : " that is enabled");
    }
    SwingUtilities.invokeLater(button::doClick); // a dialog that it opens would else hold up the answer
    return "ok";
  }

  private static String fill(String label, String words) {
    JTextComponent field = after(label, JTextComponent.class);
    if (field == null) {
      return "no field after " + label;
    }
    field.setText(words);
    return "ok";
  }

  private static String write(String words) {
    var area = first(JTextComponent.class, one -> one.isShowing() && one.isEditable() && !(one instanceof JTextField));
    if (area == null) {
      return "no text area";
    }
    area.setText(words);
    return "ok";
  }

  private static String choose(String label, String words) {
    JComboBox<?> box = after(label, JComboBox.class);
    if (box == null) {
      return "no list after " + label;
    }
    for (int i = 0; i < box.getItemCount(); i++) {
      if (String.valueOf(box.getItemAt(i)).startsWith(words)) {
        box.setSelectedIndex(i);
        return "ok";
      }
    }
    if (box.isEditable()) {
      box.setSelectedItem(words);
      return "ok";
    }
    return "no item " + words;
  }

  private static String tab(String words) {
    for (JTabbedPane pane : all(JTabbedPane.class)) {
      for (int i = 0; i < pane.getTabCount(); i++) {
        Component label = pane.getTabComponentAt(i);
        if (pane.getTitleAt(i).equals(words) || label != null && text(label).contains(words)) {
          pane.setSelectedIndex(i);
          return "ok";
        }
      }
    }
    return "no tab " + words;
  }

  private static String rows(int most) {
    JTable table = null; // the widest: some have another for the numbers of their rows
    for (JTable one : all(JTable.class)) {
      if (one.isShowing() && (table == null || one.getColumnCount() > table.getColumnCount())) {
        table = one;
      }
    }
    if (table == null) {
      return "no table";
    }
    var said = new StringBuilder("ok " + table.getRowCount());
    said.append('\t').append(table.getColumnCount());
    for (int column = 0; column < table.getColumnCount(); column++) {
      said.append('\t').append(table.getColumnModel().getColumn(column).getHeaderValue());
    }
    for (int row = 0; row < Math.min(most, table.getRowCount()); row++) {
      for (int column = 0; column < table.getColumnCount(); column++) {
        said.append('\t').append(table.getValueAt(row, column));
      }
    }
    return said.toString();
  }

  private static String select(int number, int row) {
    var tables = new ArrayList<JTable>();
    for (JTable one : all(JTable.class)) {
      if (one.isShowing()) {
        tables.add(one);
      }
    }
    if (tables.size() <= number || tables.get(number).getRowCount() <= row) {
      return "no row " + row;
    }
    tables.get(number).setRowSelectionInterval(row, row);
    return "ok";
  }

  private static String nodes() {
    JTree tree = first(JTree.class, Component::isShowing);
    if (tree == null) {
      return "no tree";
    }
    var said = new StringBuilder("ok");
    for (int row = 0; row < tree.getRowCount(); row++) {
      tree.expandRow(row);
      said.append('\t').append(tree.getPathForRow(row).getLastPathComponent());
    }
    return said.toString();
  }

  private static <T extends Component> T after(String label, Class<T> kind) {
    boolean seen = false;
    for (Component one : all(Component.class)) {
      if (one instanceof JLabel && named(one, label)) {
        seen = true;
      } else if (seen && kind.isInstance(one) && one.isShowing()) {
        return kind.cast(one);
      }
    }
    return null;
  }

  private static <T extends Component> T first(Class<T> kind, Predicate<T> wanted) {
    for (T one : all(kind)) {
      if (wanted.test(one)) {
        return one;
      }
    }
    return null;
  }

  private static <T extends Component> List<T> all(Class<T> kind) {
    var found = new ArrayList<T>();
    gather(window, kind, found);
    return found;
  }

  private static <T extends Component> void gather(Component within, Class<T> kind, List<T> found) {
    if (kind.isInstance(within)) {
      found.add(kind.cast(within));
    }
    if (within instanceof JMenu) {
      for (Component one : ((JMenu) within).getMenuComponents()) {
        gather(one, kind, found);
      }
    }
    if (within instanceof Container) {
      for (Component one : ((Container) within).getComponents()) {
        gather(one, kind, found);
      }
    }
  }

  /** Whether a component bears these words: its text, its action's name or its tool tip; a last * is any rest. */
  private static boolean named(Component one, String words) {
    for (String said : names(one)) {
      if (said == null) {
        continue;
      }
      String name = said.strip();
      boolean open = words.endsWith("*");
      if (open ? name.startsWith(words.substring(0, words.length() - 1)) : name.equals(words)) {
        return true;
      }
    }
    return false;
  }

  private static String[] names(Component one) {
    if (one instanceof AbstractButton) {
      var button = (AbstractButton) one;
      Action action = button.getAction();
      Object name = action == null ? null : action.getValue(Action.NAME);
      return new String[] {button.getText(), name == null ? null : name.toString(), button.getToolTipText()};
    }
    if (one instanceof JLabel) {
      return new String[] {((JLabel) one).getText()};
    }
    return new String[] {};
  }

  private static String text(Component within) {
    var said = new StringBuilder();
    var parts = new ArrayList<Component>();
    gather(within, Component.class, parts);
    for (Component one : parts) {
      String words = null;
      if (one instanceof JTextComponent) {
        words = ((JTextComponent) one).getText();
      } else if (one instanceof JLabel) {
        words = ((JLabel) one).getText();
      } else if (one instanceof AbstractButton && !(one instanceof JMenuItem)) {
        words = ((AbstractButton) one).getText();
      }
      if (words != null && !words.isBlank()) {
        said.append(words.strip()).append(" | ");
      }
    }
    return said.length() > 4000 ? said.substring(0, 4000) : said.toString();
  }

  private static String titles() {
    var said = new StringBuilder();
    for (Window one : Window.getWindows()) {
      if (one.isShowing()) {
        said.append('[').append(title(one)).append("] ");
      }
    }
    return said.toString();
  }

  private static String title(Window one) {
    String title = one instanceof Frame ? ((Frame) one).getTitle() : one instanceof Dialog ? ((Dialog) one).getTitle() : "";
    return title == null ? "" : title;
  }
}
